"""Units by what files call them and the frame they say."""

from typing import Any

import pyarrow as pa
import pytest

from schemas.tables import UNIT_RECORDS
from tasks.units import (
    AMBIGUOUS,
    FRAME_MISSING,
    FRAME_UNKNOWN,
    UNKNOWN,
    UnitNames,
    keyed_units,
    locate,
    unit_index,
)


def _unit(unit: str, sequence: str, kind: str, frame: int = 0, title: str | None = None) -> dict[str, Any]:
    return {
        "source_id": unit, "data_hash": unit, "frame": frame, "title": title or unit, "kind": kind,
        "sequence_hash": sequence, "width": 20, "height": 10,
    }  # fmt: skip


ROWS = [
    _unit("image", "row of image", "image", title="cherry.png"),
    *(_unit(f"group {k}", "group row", "group image", k, title="same.jpg") for k in range(3)),
    *(_unit("video", "video", "video frame", k, title="clip.mp4") for k in range(4)),
    _unit("last", "last", "image", title="last.png"),
]
UNITS = keyed_units(
    None, pa.Table.from_pylist([{**row, "source_order": k} for k, row in enumerate(ROWS)], UNIT_RECORDS.schema)
)
CASES = [
    ("image", None, 0),
    ("image", 0, 0),
    ("image", 3, FRAME_UNKNOWN),
    ("row of image", None, 0),
    ("cherry.png", 0, 0),
    ("group 1", None, 2),
    ("group 1", 0, 2),
    ("group 1", 99, 2),
    ("group row", 2, 3),
    ("group row", None, FRAME_MISSING),
    ("group row", 3, FRAME_UNKNOWN),
    ("same.jpg", 0, AMBIGUOUS),
    ("video", 0, 4),
    ("video", 3, 7),
    ("video", 4, FRAME_UNKNOWN),
    ("video", -1, FRAME_UNKNOWN),
    ("video", None, FRAME_MISSING),
    ("clip.mp4", 2, 6),
    ("clip", 1, 5),
    ("last.png", None, 8),
    ("nothing", 1, UNKNOWN),
]


@pytest.mark.parametrize(("word", "frame", "position"), CASES)
def test_a_unit_is_found_by_its_word_and_frame(word: str, frame: int | None, position: int) -> None:
    """Images by any name of theirs, images of a group whatever the frame says, videos by name and frame."""
    words, frames = pa.array([word], pa.string()), pa.array([frame], pa.int32())
    assert locate(words, frames, UnitNames(UNITS), unit_index(UNITS)).tolist() == [position]


def test_many_records_are_located_at_once() -> None:
    """Each as by itself, in order."""
    words, frames = pa.array([case[0] for case in CASES]), pa.array([case[1] for case in CASES], pa.int32())
    found = locate(words, frames, UnitNames(UNITS), unit_index(UNITS))
    assert found.tolist() == [case[2] for case in CASES]


def test_no_records_have_no_positions() -> None:
    """Empty in, empty out."""
    found = locate(pa.array([], pa.string()), pa.array([], pa.int32()), UnitNames(UNITS), unit_index(UNITS))
    assert len(found) == 0
