"""MOTChallenge's files, from lines to records."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from schemas.errors import InputError
from schemas.records import Inputs
from schemas.tables import RECORDS
from tasks.formats.mot import read_ground_truth, read_predictions, recognise
from tasks.ingest import format_of, open_sources
from tasks.running import serial
from tests.chain import Chain
from tests.mot_files import sample, write_info

LINE = "1,7,10,20.5,30,40,0.5,-1,-1,-1\n"


def written(folder: Path, name: str, text: str) -> Path:
    """A file below the folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def read(folder: Path, ground_truth: bool = False, **given: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(records, rejects) of a directory."""
    inputs = Inputs(open_sources(folder), **given)
    blocks = list(read_ground_truth(inputs, serial).blocks if ground_truth else read_predictions(inputs, serial))
    records = pa.Table.from_batches([block.records for block in blocks], RECORDS.schema).to_pylist()
    assert sum(block.rows for block in blocks) == len(records) + sum(len(block.rejects) for block in blocks)
    return records, [reject for block in blocks for reject in block.rejects.to_pylist()]


def test_a_line_is_a_box_of_a_track_on_a_frame(tmp_path: Path) -> None:
    """Frames count from 0; a pedestrian where no class is stated; -1 is no track."""
    written(tmp_path, "a.txt", LINE + "\n" + "12,-1,1,2,3,4,1,3,0.25\n")
    (first, second), rejects = read(tmp_path)
    assert rejects == []
    said = ("frame", "track_id", "score", "source_category", "source_unit", "source_row")
    assert [first[name] for name in said] == [0, "7", 0.5, "pedestrian", "a", 0]
    assert first["bbox"] == {"x": 10.0, "y": 20.5, "w": 30.0, "h": 40.0}
    assert [second[name] for name in said] == [11, None, 1.0, "car", "a", 1]


def test_boxes_marked_zero_do_not_count(tmp_path: Path) -> None:
    """In ground truth, where the column is no score."""
    write_info(tmp_path / "a", "a", 5)
    written(tmp_path, "a/gt/gt.txt", "1,1,0,0,5,5,0,1,1\n2,1,0,0,5,5,1,7,1\n")
    records, _ = read(tmp_path, ground_truth=True)
    assert [(row["ignore"], row["score"], row["source_category"]) for row in records] == [
        (True, None, "pedestrian"), (False, None, "static_person"),
    ]  # fmt: skip


def test_sequences_have_all_their_frames(tmp_path: Path) -> None:
    """As many as `seqinfo.ini` says, whatever is labelled; what MOTChallenge puts beside them is passed over."""
    write_info(tmp_path / "a", "a", 5, 192, 108)
    write_info(tmp_path / "b", "b", 2)
    written(tmp_path, "a/gt/gt.txt", "")
    written(tmp_path, "a/det/det.txt", LINE)
    written(tmp_path, "a/img1/000001.jpg", "no picture")
    read_in = read_ground_truth(Inputs(open_sources(tmp_path)), serial)
    units = read_in.units.select(["source_id", "frame", "kind", "width", "height"]).to_pylist()
    assert [(unit["source_id"], unit["frame"]) for unit in units] == [*(("a", k) for k in range(5)), ("b", 0), ("b", 1)]
    assert {(unit["width"], unit["height"]) for unit in units[:5]} == {(192, 108)}
    assert {unit["kind"] for unit in units} == {"video frame"}
    assert len(read_in.categories) == 13
    assert sum(block.rows for block in read_in.blocks) == 0


def test_a_list_of_data_units_stands_in_for_sequence_files(tmp_path: Path) -> None:
    """And without either the length and size of sequences are not known."""
    written(tmp_path, "gt/a.txt", LINE)
    video = {"data_hash": "a", "data_type": "video", "width": 50, "height": 40, "frames": 3}
    (listed,) = open_sources(written(tmp_path, "units.json", json.dumps([video])))
    inputs = Inputs(open_sources(tmp_path / "gt"), {"data_units": listed})
    assert read_ground_truth(inputs, serial).units["frame"].to_pylist() == [0, 1, 2]
    with pytest.raises(InputError, match="do not say how long and large"):
        read_ground_truth(Inputs(open_sources(tmp_path / "gt")), serial)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", r"no section \[Sequence\]"),
        ("[Sequence]\nseqLength=5\nimWidth=9\n", "imHeight is ''"),
        ("[Sequence]\nseqLength=-5\nimWidth=9\nimHeight=9\n", "seqLength is '-5'"),
        ("[Sequence]\nseqLength=5\nimWidth=0\nimHeight=9\n", "imWidth is 0"),
        ("[Sequence]\nseqLength=" + "9" * 5000 + "\nimWidth=9\nimHeight=9\n", "seqLength is '9"),
    ],
)
def test_a_sequence_file_that_says_too_little_is_an_error(tmp_path: Path, text: str, why: str) -> None:
    """With what it has to state."""
    written(tmp_path, "a/seqinfo.ini", text)
    written(tmp_path, "a/gt/gt.txt", LINE)
    with pytest.raises(InputError, match=why):
        read_ground_truth(Inputs(open_sources(tmp_path)), serial)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("1,7,10,20,30,40", "not_an_object"),
        ("1,7,10,20,30,40,1,1,1,1,1", "not_an_object"),
        ("1,7,10,20,30,x,1", "wrong_type"),
        ("1,7,10,20,30,nan,1", "wrong_type"),
        ("1,7,10,20,30,1_0,1", "wrong_type"),
        ("0,7,10,20,30,40,1", "out_of_range"),
        ("1.5,7,10,20,30,40,1", "out_of_range"),
        ("1,1e300,10,20,30,40,1", "out_of_range"),
        ("1,7,10,20,-30,40,1", "invalid_box"),
        ("1,7,1e10,20,30,40,1", "invalid_box"),
        ("1,7,10,20,30,40,1,14", "unknown_category"),
    ],
)
def test_what_no_line_may_say_is_rejected(tmp_path: Path, line: str, code: str) -> None:
    """With its place and the line; those around it are taken."""
    written(tmp_path, "a.txt", LINE + line + "\n" + LINE)
    records, (reject,) = read(tmp_path)
    assert len(records) == 2
    assert (reject["reason_code"], reject["source_row"], reject["record"]) == (code, 1, line)


def test_a_file_that_is_no_text_does_not_keep_the_others_out(tmp_path: Path) -> None:
    """Nor does one that is none of the format's."""
    written(tmp_path, "a.txt", LINE)
    (tmp_path / "b.txt").write_bytes(b"\xff\x00")
    written(tmp_path, "c.md", "about")
    records, rejects = read(tmp_path)
    assert len(records) == 1
    assert [(reject["source_file"], reject["reason_code"]) for reject in rejects] == [
        ("b.txt", "broken_file"), ("c.md", "broken_file"),
    ]  # fmt: skip


def test_files_are_recognised(tmp_path: Path) -> None:
    """By the sequence file beside them, or by the first line; KITTI's rows are others."""
    assert recognise(["a/gt/gt.txt", "a/seqinfo.ini"], b"")
    assert recognise(["a.txt"], LINE.encode())
    assert not recognise(["a.txt"], b"Car 0 0 0 1 2 3 4 1 1 1 1 1 1 1 0.5\n")
    assert not recognise(["a.json"], LINE.encode())
    written(tmp_path, "a.txt", LINE)
    assert format_of("auto", open_sources(tmp_path), ground_truth=False).name == "mot"


def test_the_sample_comes_in_whole(shared: Path, tmp_path: Path) -> None:
    """Every line of both sequences, on frames that there are."""
    truth, found, frames = sample(shared, tmp_path)
    chain = Chain(tmp_path)
    assert chain.truth(truth).rejected == chain.predictions(found).rejected == 0
    assert len(chain.table("data_units")) == sum(frames.values())
    assert len(chain.table("ground_truth")) == 40_414
    assert {done.name for done in chain.evaluate()} == {"coco-bbox", "tracks", "motchallenge"}
