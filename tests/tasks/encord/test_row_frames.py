"""The frames of a row, and where ranges of answers are."""

from typing import Any

import pytest

from schemas.rejects import Reason
from tasks.encord.answers import Span
from tasks.encord.row_frames import Damaged, Frame, Places, frames_of
from tasks.refusals import Refused
from tests.encord_rows import unit


def frames(kind: str, item: Any) -> list[tuple[int, Any] | Reason]:
    """(number, labels) of each frame, or why there is none."""
    found = frames_of(kind, "u", item)
    return [(one.number, one.labels) if isinstance(one, Frame) else one.why.code for one in found]


@pytest.mark.parametrize(
    ("kind", "item", "expected"),
    [
        ("image", unit({"objects": []}), [(0, {"objects": []})]),
        ("image", unit({}, data_sequence="7"), [(0, {})]),
        ("img_group", unit({}, data_sequence="7"), [(7, {})]),
        ("img_group", unit({}, data_sequence=7), [(7, {})]),
        ("video", unit({"9": {"objects": []}, "3": {}}), [(9, {"objects": []}), (3, {})]),
        ("video", unit({}), []),
        ("video", unit(None), []),
        ("video", unit({"x": {}, "3": 7, "4": {}}), [Reason.WRONG_TYPE, Reason.WRONG_TYPE, (4, {})]),
        ("img_group", unit({}, data_sequence=None), [Reason.MISSING_FIELD]),
        ("image", unit([1]), [Reason.WRONG_TYPE]),
        ("image", None, [Reason.WRONG_TYPE]),
    ],
)
def test_frames_are_told_apart(kind: str, item: Any, expected: list[Any]) -> None:
    """In the order they are written; a damaged one spoils no other."""
    assert frames(kind, item) == expected


def test_what_is_damaged_is_shown() -> None:
    """A frame with its number, a unit whole."""
    (damaged,) = frames_of("video", "u", unit({"x": {}}))
    assert isinstance(damaged, Damaged)
    assert damaged.record == {"x": {}}


GROUP = {f"image-{k}": unit({}, data_sequence=str(k)) for k in (1, 0, 2)}


@pytest.mark.parametrize(
    ("kind", "units", "bounds", "expected"),
    [
        ("image", {"u": unit({})}, (0, 0), [Span("u", 0, 0, 0.5)]),
        ("video", {"u": unit({})}, (3, 9), [Span("u", 3, 9, 0.5)]),
        ("audio", {"u": unit({})}, (0, 90_000_000), [Span("u", 0, 90_000_000, 0.5)]),
        ("img_group", GROUP, (1, 2), [Span("image-1", 1, 1, 0.5), Span("image-2", 2, 2, 0.5)]),
    ],
)
def test_a_range_covers_units(kind: str, units: Any, bounds: tuple[int, int], expected: list[Span]) -> None:
    """Frames of one, or images one by one."""
    assert Places(kind, units).spans(*bounds, 0.5) == expected


@pytest.mark.parametrize(
    ("kind", "units", "bounds"), [("image", {"u": unit({})}, (0, 1)), ("img_group", GROUP, (2, 3))]
)
def test_a_range_beyond_the_images_is_refused(kind: str, units: Any, bounds: tuple[int, int]) -> None:
    """Whole, even if it begins within them."""
    with pytest.raises(Refused) as refused:
        Places(kind, units).spans(*bounds, None)
    assert refused.value.code == Reason.UNKNOWN_FRAME
