"""Fields, checked one by one."""

from typing import Any

import pytest

from schemas.rejects import Reason
from tasks.encord.fields import (
    LARGEST_FRAME,
    are_numbers,
    frame_number,
    optional_list,
    optional_mapping,
    optional_text,
    ranges,
    share,
    side_px,
    text,
)
from tasks.refusals import Refused

CODES = {"missing": Reason.MISSING_FIELD, "type": Reason.WRONG_TYPE, "range": Reason.OUT_OF_RANGE}


@pytest.mark.parametrize(
    ("read", "good", "bad"),
    [
        (text, {"a": "a"}, {"missing": [None, ""], "type": [3, [], True]}),
        (optional_text, {"": "", "b": "b"}, {"type": [3]}),
        (optional_list, {}, {"type": [3, "a", {}]}),
        (optional_mapping, {}, {"type": [3, "a", []]}),
        (share, {0: 0.0, 1: 1.0, 0.5: 0.5}, {"missing": [None], "type": ["1", True], "range": [-0.1, 1.1]}),
        (side_px, {1: 1, 640.0: 640}, {"missing": [None], "type": ["1", 1.5, True], "range": [0, 1 << 31]}),
    ],
)
def test_a_field_is_its_value_or_refused(read: Any, good: dict[Any, Any], bad: dict[str, list[Any]]) -> None:
    """With a code, and the field's name in the text."""
    for value, expected in good.items():
        assert read({"field": value}, "field") == expected
    for code, values in bad.items():
        for value in values:
            with pytest.raises(Refused, match="field") as refused:
                read({"field": value}, "field")
            assert refused.value.code == CODES[code]


def test_what_may_be_left_out_is_empty() -> None:
    """Missing and null are the same."""
    for record in ({}, {"field": None}):
        assert optional_text(record, "field") is None
        assert optional_list(record, "field") == []
        assert optional_mapping(record, "field") == {}


@pytest.mark.parametrize(("value", "frame"), [("0", 0), ("103", 103), (7, 7), (7.0, 7), ("007", 7)])
def test_frames_are_whole_numbers(value: Any, frame: int) -> None:
    """Or their digits."""
    assert frame_number(value) == frame


@pytest.mark.parametrize("value", ["", "x", "-1", "1.0", "²", "٣", None, 1.5, -1, LARGEST_FRAME, "9" * 21, "9" * 5000])
def test_what_is_no_frame_is_refused(value: Any) -> None:
    """Numbers of other scripts, too, and more digits than any number has."""
    with pytest.raises(Refused):
        frame_number(value)


def test_ranges_are_inclusive_pairs() -> None:
    """In the order they are written; none where the field is missing."""
    assert ranges({"range": [[5, 9], [0, 0]]}, "range", 9) == [(5, 9), (0, 0)]
    assert ranges({}, "range", 9) == []


@pytest.mark.parametrize("value", [3, [3], [[1, 2, 3]], [[2, 1]], [[-1, 0]], [[0, 10]], [[0, "1"]], [[0, 1.5]], ["01"]])
def test_what_is_no_range_is_refused(value: Any) -> None:
    """By its form, its order or its bounds."""
    with pytest.raises(Refused):
        ranges({"range": value}, "range", 9)


def test_truth_values_are_no_numbers() -> None:
    """Though Python counts with them."""
    assert are_numbers([1, 2.5])
    assert are_numbers([])
    assert not are_numbers([1, True])
    assert not are_numbers([None])
