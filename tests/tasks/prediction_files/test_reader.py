"""Files of predictions in Parquet: what the writer leaves comes back; what others leave is checked."""

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.errors import InputError
from schemas.prediction_file import PREDICTION_FILE
from schemas.records import Block, Inputs
from schemas.tables import ANSWER_RECORDS, RECORDS
from tasks.formats.parquet import FORMAT
from tasks.running import serial
from tests.coco_text import Text
from tests.encord_pickles import given

ROW = {"data_hash": "u", "feature_hash": "c", "score": 0.5, "bbox": {"x": 0.1, "y": 0.2, "w": 0.3, "h": 0.4}}
RECORD = {
    "source_unit": "u", "source_category": "c", "score": 0.5, "coordinates": "relative", "shape": "bounding_box",
    "bbox": ROW["bbox"],
}  # fmt: skip


def parquet(table: pa.Table, path: Path, **options: Any) -> bytes:
    """The bytes of a file."""
    pq.write_table(table, path / "f.parquet", **options)
    return (path / "f.parquet").read_bytes()


def of_rows(*rows: dict[str, Any]) -> pa.Table:
    """A table with all columns."""
    return pa.Table.from_pylist(list(rows), schema=PREDICTION_FILE)


def blocks(*contents: bytes) -> list[Block]:
    """What the format reads."""
    assert FORMAT.read_predictions is not None
    return list(FORMAT.read_predictions(Inputs([Text(content, "f.parquet") for content in contents]), serial))


def read(content: bytes) -> tuple[list[Any], list[Any], list[Any]]:
    """(records, answers, rejects), after a look at the books and the columns."""
    found = blocks(content)
    assert all(block.records.schema.equals(RECORDS.schema) for block in found)
    records = [given(row) for block in found for row in block.records.to_pylist()]
    answers = [given(row) for block in found if block.answers is not None for row in block.answers.to_pylist()]
    assert all(block.answers.schema.equals(ANSWER_RECORDS.schema) for block in found if block.answers is not None)
    rejects = [given(row) for block in found for row in block.rejects.to_pylist()]
    assert sum(block.rows for block in found) == len(records) + len(answers) + len(rejects)
    return records, answers, rejects


def test_rows_become_records(tmp_path: Path) -> None:
    """An object and an answer, in file order."""
    answer = {
        "data_hash": "v",
        "frame": 4,
        "feature_hash": "f",
        "attribute_hash": "a",
        "option_hash": "o",
        "score": 1.0,
    }
    records, answers, rejects = read(parquet(of_rows(answer, {**ROW, "track_id": "t", "frame": 2}), tmp_path))
    assert records == [{**RECORD, "source_row": 1, "track_id": "t", "frame": 2}]
    assert answers == [
        {
            "source_row": 0, "source_unit": "v", "first_frame": 4, "last_frame": 4, "feature_hash": "f",
            "attribute_hash": "a", "option_hash": "o", "score": 1.0,
        }
    ]  # fmt: skip
    assert rejects == []


def test_files_of_other_writers_are_read(tmp_path: Path) -> None:
    """With the needed columns and one of geometry, in other types, orders and compressions."""
    columns = {
        "score": pa.array([0.5, 0.25], pa.float32()),
        "bbox": pa.array([ROW["bbox"]] * 2),
        "data_hash": pa.array(["u", "u"], pa.large_string()),
        "feature_hash": pa.array(["c", "c"]).dictionary_encode(),
        "frame": pa.array([0, 7], pa.int64()),
    }
    for compression in ("none", "snappy", "gzip", "zstd"):
        records, _, _ = read(parquet(pa.table(columns), tmp_path, compression=compression))
        assert [record["frame"] for record in records] == [0, 7]
        assert records[0]["bbox"] == ROW["bbox"]


def test_long_files_come_in_parts(tmp_path: Path) -> None:
    """Positions count through all of them."""
    content = parquet(of_rows(*(ROW for _ in range(40_000))), tmp_path, row_group_size=15_000)
    found = blocks(content, content)
    rows = [row for block in found for row in block.records.column("source_row").to_pylist()]
    assert len(found) > 4
    assert rows == [*range(40_000)] * 2


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    """No block."""
    assert blocks(parquet(of_rows(), tmp_path)) == []


POINTS = [{"x": 0.1, "y": 0.1}, {"x": 0.5, "y": 0.1}, {"x": 0.1, "y": float("nan")}]
CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "no unit": ({"data_hash": None}, "missing_field", "data_hash is missing"),
    "no class": ({"feature_hash": None}, "missing_field", "feature_hash is missing"),
    "unit with NUL": ({"data_hash": "a\0b"}, "wrong_type", "data_hash holds NUL"),
    "unit too long": ({"data_hash": "a" * 2_000}, "wrong_type", "data_hash"),
    "no score": ({"score": None}, "missing_field", "score is missing"),
    "score no number": ({"score": float("nan")}, "not_finite", "score is nan"),
    "frame": ({"frame": -1}, "out_of_range", "frame is -1"),
    "nothing": ({"bbox": None}, "no_geometry", "nor an answer"),
    "two geometries": ({"polyline": POINTS[:2]}, "unsupported", "more than one of"),
    "object and answer": ({"attribute_hash": "a", "option_hash": "o"}, "unsupported", "both"),
    "half an answer": ({"bbox": None, "option_hash": "o"}, "missing_field", "given together"),
    "box not finite": ({"bbox": {"x": 0.1, "y": None, "w": 1, "h": 1}}, "not_finite", "nan"),
    "box negative": ({"bbox": {"x": 0, "y": 0, "w": -1, "h": 1}}, "invalid_box", "-1"),
    "theta": (
        {"bbox": None, "rotated_bbox": {"x": 0, "y": 0, "w": 1, "h": 1, "theta": 400}}, "out_of_range", "theta is 400"
    ),
    "polygon not finite": ({"bbox": None, "polygons": [[POINTS]]}, "invalid_polygon", "no finite number"),
    "polygon of nothing": ({"bbox": None, "polygons": []}, "invalid_polygon", "without points"),
    "polygon of null": ({"bbox": None, "polygons": [[None]]}, "invalid_polygon", "without points"),
    "line of a null": ({"bbox": None, "polyline": [None, POINTS[0]]}, "invalid_polygon", "no finite number"),
    "points of nothing": ({"bbox": None, "keypoints": []}, "invalid_keypoints", "without points"),
    "shape": ({"shape": "polygon"}, "unknown_shape", "shape 'polygon' of a bbox"),
}  # fmt: skip


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Any], list[Any], list[Any]]:
    """What is read of one file with the row of each case, and a good one behind each."""
    rows = [row for changes, _, _ in CASES.values() for row in ({**ROW, **changes}, ROW)]
    return read(parquet(of_rows(*rows), tmp_path_factory.mktemp("mixed")))


@pytest.mark.parametrize("case", CASES)
def test_bad_rows_are_rejected(case: str, mixed: tuple[list[Any], list[Any], list[Any]]) -> None:
    """With their reasons; the row behind is taken."""
    records, answers, rejects = mixed
    at, (_, code, words) = [*CASES].index(case), CASES[case]
    assert records[at] == {**RECORD, "source_row": 2 * at + 1}
    assert (len(records), answers, len(rejects)) == (len(CASES), [], len(CASES))
    assert (rejects[at]["source_row"], rejects[at]["reason_code"]) == (2 * at, code)
    assert words in rejects[at]["reason"]


def test_other_columns_refuse_the_file(tmp_path: Path) -> None:
    """Unknown, missing, twice, or of another type."""
    good = of_rows(ROW)
    files = {
        "column 'colour' is unknown": good.append_column("colour", pa.array(["red"])),
        "column 'score' is missing": good.drop_columns(["score"]),
        "column 'score' is string": good.set_column(5, "score", pa.array(["high"])),
        "column 'bbox' is list": good.set_column(8, "bbox", pa.array([[0.1, 0.2, 0.3, 0.4]])),
        "two columns have one name": pa.table([pa.array(["u"])] * 2, names=["data_hash", "data_hash"]),
    }
    for words, table in files.items():
        with pytest.raises(InputError, match=words):
            blocks(parquet(table, tmp_path))


def test_values_that_do_not_fit_refuse_the_file(tmp_path: Path) -> None:
    """A frame beyond 32 bits is no column of frames."""
    table = of_rows(ROW).set_column(1, "frame", pa.array([2**40]))
    with pytest.raises(InputError, match="cannot be loaded"):
        blocks(parquet(table, tmp_path))


@pytest.mark.parametrize(
    "content", [b"PAR1", b"PAR1" + b"x" * 100 + b"PAR1", b"PAR1" + b"\xff" * 8 + b"PAR1", b"no file"]
)
def test_what_is_no_parquet_is_refused(content: bytes) -> None:
    """Whatever its first bytes say."""
    with pytest.raises(InputError):
        blocks(content)


def damaged(content: bytes, seed: int) -> bytes:
    """Some bytes of a file changed; the first and last four stay."""
    random_ = random.Random(seed)
    found = bytearray(content)
    for _ in range(random_.choice((1, 3, 20))):
        found[random_.randrange(4, len(found) - 4)] = random_.randrange(256)
    return bytes(found)


def _survives(content: bytes) -> bool:
    try:
        return sum(block.rows for block in blocks(content)) >= 0
    except InputError:
        return True


@pytest.mark.parametrize("seed", range(4))
def test_damaged_files_end_in_words(seed: int, tmp_path: Path) -> None:
    """Nothing but rows or a refusal comes of a file with changed bytes: it is decoded by another process."""
    content = parquet(of_rows(*(ROW for _ in range(50))), tmp_path)
    assert all(_survives(damaged(content, 10 * seed + k)) for k in range(2))


@pytest.mark.slow
def test_many_damaged_files_end_in_words(tmp_path: Path) -> None:
    """The same, at length."""
    content = parquet(of_rows(*(ROW for _ in range(50))), tmp_path)
    assert all(_survives(damaged(content, 1_000 + k)) for k in range(300))
