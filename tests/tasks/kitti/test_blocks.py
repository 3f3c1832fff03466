"""Blocks of label files: every line a record or a reject, every refused file one reject."""

from pathlib import Path

import pyarrow as pa
import pytest

from schemas.records import Block
from schemas.tables import RECORDS
from tasks.file_names import FileNames
from tasks.ingest import open_sources
from tasks.kitti.blocks import Reader, read_blocks
from tasks.kitti.files import LARGEST_FILE, layout
from tasks.running import serial, threaded

CAR = "Car 0.5 1 -1.5 10 20 30 50 1.5 1.6 3.9 1 2 30 0.1"
ZONE = "DontCare -1 -1 -10 5 6 7 8 -1 -1 -1 -1000 -1000 -1000 -10"


def blocks(
    folder: Path, mapping: dict[str, str] | None = None, predictions: bool = True, threads: int = 1
) -> list[Block]:
    """The blocks of a directory."""
    files = layout(open_sources(folder), {})
    reader = Reader(FileNames(None, hash_first=False), mapping, files.relative, predictions)
    read = list(read_blocks(files, reader, threaded(threads) if threads > 1 else serial))
    for block in read:
        assert block.records.schema == RECORDS.schema
        assert block.rows == len(block.records) + len(block.rejects)
    return read


def rows(read: list[Block]) -> pa.Table:
    """All records."""
    return pa.Table.from_batches([block.records for block in read], RECORDS.schema)


def rejects(read: list[Block]) -> list[tuple[str, int | None, str]]:
    """(file, row, code) of all rejects."""
    columns = [[*b.rejects.select(["source_file", "source_row", "reason_code"]).to_pylist()] for b in read]
    return [(r["source_file"], r["source_row"], r["reason_code"]) for column in columns for r in column]


def test_a_line_becomes_a_record(tmp_path: Path) -> None:
    """With every column the row states, null where it does not."""
    (tmp_path / "clip.mp4__7.txt").write_text(f"{CAR} 3.25\n\n{CAR}\n")
    scored, plain = rows(blocks(tmp_path)).to_pylist()
    expected = {
        "source_file": "clip.mp4__7.txt",
        "source_row": 0,
        "source_unit": "clip.mp4",
        "source_category": "Car",
        "frame": 7,
        "score": 3.25,
        "coordinates": "pixel",
        "shape": "bounding_box",
        "bbox": {"x": 10.0, "y": 20.0, "w": 20.0, "h": 30.0},
        "truncated": 0.5,
        "occluded": 1,
        "alpha": -1.5,
        "box_3d": [1.5, 1.6, 3.9, 1.0, 2.0, 30.0, 0.1],
    }
    assert {name: value for name, value in scored.items() if value is not None} == expected
    assert plain == {**scored, "source_row": 1, "score": 1.0}


def test_regions_not_labelled_are_ignored_annotations_and_no_predictions(tmp_path: Path) -> None:
    """DontCare needs no place in the mapping."""
    (tmp_path / "1.txt").write_text(f"{CAR}\n{ZONE}\n")
    truth = rows(blocks(tmp_path, {"Car": "hash"}, predictions=False))
    assert truth["source_category"].to_pylist() == ["hash", "DontCare"]
    assert truth["ignore"].to_pylist() == [False, True]
    assert truth["score"].null_count == 2
    assert rejects(blocks(tmp_path, {"Car": "hash"})) == [("1.txt", 1, "unsupported")]


def test_an_annotation_that_the_mapping_calls_dontcare_still_counts(tmp_path: Path) -> None:
    """Only the row's own word marks a region."""
    (tmp_path / "1.txt").write_text(CAR)
    assert rows(blocks(tmp_path, {"Car": "DontCare"}, predictions=False))["ignore"].to_pylist() == [False]


def test_what_is_wrong_with_one_file_leaves_the_others(tmp_path: Path) -> None:
    """A bad line is a reject with its row, a bad file one without; an empty file holds no detections."""
    (tmp_path / "a.txt").write_bytes(f"{CAR}\nCar 1 2\n{CAR.replace('30', 'x')}\n".encode())
    (tmp_path / "b.txt").write_bytes(b"Car \xff")
    (tmp_path / "c.txt").write_bytes(b"Car \0")
    (tmp_path / "d.txt").write_bytes(b"")
    (tmp_path / "e.txt").write_bytes(b" \r\n\t\n")
    (tmp_path / "f.txt").write_bytes(b"\xef\xbb\xbf" + CAR.encode() + b"\r\n")
    (tmp_path / "g.txt").write_bytes(b"x" * (LARGEST_FILE + 1))
    (tmp_path / "h.json").write_bytes(b"{}")
    read = blocks(tmp_path)
    assert rows(read)["source_file"].to_pylist() == ["a.txt", "f.txt"]
    assert rejects(read) == [
        ("a.txt", 1, "not_an_object"),
        ("a.txt", 2, "wrong_type"),
        ("b.txt", None, "broken_file"),
        ("c.txt", None, "broken_file"),
        ("g.txt", None, "broken_file"),
        ("h.json", None, "unsupported"),
    ]


def test_a_class_the_mapping_lacks_is_refused_by_name(tmp_path: Path) -> None:
    """With what the mapping holds."""
    (tmp_path / "1.txt").write_text(f"{CAR}\n{CAR.replace('Car', 'Tram')}\n")
    read = blocks(tmp_path, {"Car": "hash"})
    assert rows(read)["source_category"].to_pylist() == ["hash"]
    reject = read[0].rejects.to_pylist()[0]
    assert (reject["reason_code"], reject["record"][:4]) == ("unmapped_class", "Tram")
    assert "holds Car" in reject["reason"]


@pytest.mark.parametrize("name", ["ontology_label_map.json", "ontology_mapping.json"])
def test_corners_are_relative_beside_a_label_map(tmp_path: Path, name: str) -> None:
    """Encord Active up to 0.1.65 wrote shares of the unit's size."""
    (tmp_path / name).write_text('{"hash": "Car"}')
    (tmp_path / "1.txt").write_text(CAR)
    kind = "relative" if name == "ontology_label_map.json" else "pixel"
    assert rows(blocks(tmp_path))["coordinates"].to_pylist() == [kind]


def test_threads_change_neither_rows_nor_their_order(tmp_path: Path) -> None:
    """Files come in the order of their names."""
    for k in range(1500):
        (tmp_path / f"{k:06}.txt").write_text(f"{CAR} {k}\n" * (k % 3))
    one, two = (rows(blocks(tmp_path, threads=threads)) for threads in (1, 2))
    assert one.equals(two)
    assert one["score"].to_pylist() == [float(k) for k in range(1500) for _ in range(k % 3)]
