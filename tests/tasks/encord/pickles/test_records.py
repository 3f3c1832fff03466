"""Predictions that are wrong in themselves: each is rejected with its reason, and those beside it are taken."""

from typing import Any

import numpy as np
import pytest

import boxscore
from tests.encord_pickles import (
    Format,
    FrameClassification,
    ObjectDetection,
    Prediction,
    answered,
    box,
    detected,
    flat,
    refused,
)

MASK, POLYGON = Format.MASK, Format.POLYGON
TRIANGLE = np.array([[0.1, 0.1], [0.5, 0.1], [0.1, 0.5]])
CASES: dict[str, tuple[Any, str, str]] = {
    "mask of 0 and 255": (detected(np.array([[0, 255]], np.uint8), MASK), "invalid_mask", "values 0 to 255"),
    "mask of -1": (detected(np.array([[0, -1]], np.int8), MASK), "invalid_mask", "values -1 to 0"),
    "mask of floats": (detected(np.zeros((2, 2)), MASK), "invalid_mask", "dtype f8"),
    "mask of a stack": (detected(np.zeros((2, 2, 1), np.uint8), MASK), "invalid_mask", "3 dimensions"),
    "mask of no pixels": (detected(np.zeros((0, 4), np.uint8), MASK), "invalid_mask", "4 x 0 pixels"),
    "mask too long": (detected(np.zeros((1, 70_000), np.uint8), MASK), "invalid_mask", "70000 x 1 pixels"),
    "mask that is a box": (detected(box(), MASK), "wrong_type", "format 'mask' is a BoundingBox"),
    "polygon in pixels": (detected((TRIANGLE * 600).astype(int), POLYGON), "invalid_polygon", "whole pixels"),
    "polygon in floats of pixels": (detected(TRIANGLE * 600, POLYGON), "out_of_range", "points from 60 to 300"),
    "polygon of two points": (detected(TRIANGLE[:2], POLYGON), "invalid_polygon", "2 points"),
    "polygon of threes": (detected(np.zeros((4, 3)), POLYGON), "invalid_polygon", "shape (4, 3)"),
    "polygon without a number": (detected(TRIANGLE * np.nan, POLYGON), "not_finite", "no finite number"),
    "box of an array": (detected(TRIANGLE), "wrong_type", "format 'bounding-box' is an array"),
    "box without a number": (detected(box(x=float("nan"))), "not_finite", "x nan"),
    "box without end": (detected(box(w=float("inf"))), "not_finite", "w inf"),
    "box of negative width": (detected(box(w=-0.1)), "invalid_box", "w -0.1"),
    "box without a side": (detected(box(h=None)), "missing_field", "h is missing"),
    "box of text": (detected(box(h="0.5")), "wrong_type", "h is '0.5'"),
    "box of truth": (detected(box(h=True)), "wrong_type", "h is True"),
    "theta beyond a turn": (detected(box(theta=360.5)), "out_of_range", "theta is 360.5"),
    "theta below 0": (detected(box(theta=-1.0)), "out_of_range", "theta is -1"),
    "confidence missing": (detected(box(), confidence=None), "missing_field", "confidence is missing"),
    "confidence no number": (detected(box(), confidence="high"), "wrong_type", "confidence is 'high'"),
    "confidence above 1": (detected(box(), confidence=1.5), "out_of_range", "confidence is 1.5"),
    "confidence below 0": (detected(box(), confidence=-0.5), "out_of_range", "confidence is -0.5"),
    "confidence NaN": (detected(box(), confidence=float("nan")), "not_finite", "confidence is nan"),
    "confidence infinite": (detected(box(), confidence=float("-inf")), "not_finite", "confidence is -inf"),
    "frame below 0": (detected(box(), frame=-1), "out_of_range", "frame is -1"),
    "frame beyond 32 bits": (detected(box(), frame=2**31), "out_of_range", "frame is 2147483648"),
    "frame of text": (detected(box(), frame="3"), "wrong_type", "frame is '3'"),
    "unit missing": (detected(box(), data_hash=None), "missing_field", "data_hash is missing"),
    "unit a number": (detected(box(), data_hash=7), "wrong_type", "data_hash is 7"),
    "unit with NUL": (detected(box(), data_hash="a\0b"), "wrong_type", "data_hash holds NUL"),
    "unit with half a pair": (detected(box(), data_hash="a\ud800"), "wrong_type", "half a surrogate"),
    "unit of 5,000 characters": (detected(box(), data_hash="a" * 5_000), "wrong_type", "a long text"),
    "track of floats": (flat(box(), track_id=1.5), "wrong_type", "track_id is 1.5"),
    "unknown format": (detected(box(), "cuboid"), "unknown_shape", "format is 'cuboid'"),
    "format missing": (detected(box(), None), "missing_field", "format is missing"),
    "class missing": (flat(box(), class_id=None), "missing_field", "feature_hash is missing"),
    "neither object nor answer": (detected(box(), object=None), "no_geometry", "neither"),
    "object and answer": (answered(object=ObjectDetection(format="x")), "unsupported", "both"),
    "answer without option": (
        answered(classification=FrameClassification(feature_hash="f", attribute_hash="a")),
        "missing_field", "option_hash",
    ),
    "answer of another class": (answered(classification=box()), "wrong_type", "classification is a BoundingBox"),
    "a box in place of a prediction": (box(), "not_an_object", "a BoundingBox"),
    "nothing in it": (Prediction(), "missing_field", "is missing"),
}  # fmt: skip


Reasons = list[tuple[str, str]]
PROTOCOLS = (2, 4)


@pytest.fixture(scope="module")
def reasons() -> dict[int, Reasons]:
    """{protocol of pickle: reasons why the item of each case is refused}."""
    return {protocol: refused((item for item, _, _ in CASES.values()), protocol) for protocol in PROTOCOLS}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_bad_record_is_rejected_with_its_reason(case: str, protocol: int, reasons: dict[int, Reasons]) -> None:
    """The reason names the field, what was found and what is allowed; the box behind it is taken."""
    found, (_, code, words) = reasons[protocol][[*CASES].index(case)], CASES[case]
    assert found[0] == code
    assert words in found[1]


def _own(form: str, data: Any) -> boxscore.ObjectDetection:
    """A detection of ours that was changed after it was checked."""
    found = object.__new__(boxscore.ObjectDetection)
    found.__dict__.update(format=form, data=data, feature_hash="c", track_id=None)
    return found


def _changed(data: Any, **fields: Any) -> Any:
    data.__dict__.update(fields)
    return data


LINE = {"points": [(0.1, 0.1), (0.5, 0.5)]}
OWN: dict[str, tuple[Any, str, str]] = {
    "skeleton without points": (
        _own("skeleton", _changed(boxscore.Skeleton(points=[boxscore.Keypoint(x=0, y=0)]), points=[])),
        "invalid_keypoints", "no points",
    ),
    "point without a number": (
        _own("keypoint", _changed(boxscore.Keypoint(x=0, y=0), x="left")), "invalid_keypoints", "finite"
    ),
    "line of one point": (
        _own("polyline", _changed(boxscore.Polyline(**LINE), points=((0.1, 0.2),))), "invalid_polygon", "1 points"
    ),
    "line of odd points": (
        _own("polyline", _changed(boxscore.Polyline(**LINE), points=((0.1, 0.2), (1,)))), "invalid_polygon", "no pair"
    ),
    "line in pixels": (
        _own("polyline", _changed(boxscore.Polyline(**LINE), points=((1, 2), (30, 40)))), "out_of_range", "1 to 40"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("found", "code", "words"), OWN.values(), ids=OWN)
def test_our_own_shapes_are_checked_again(found: Any, code: str, words: str) -> None:
    """What was changed after it was made is seen when it is read."""
    item = object.__new__(boxscore.Prediction)
    item.__dict__.update(data_hash="u", frame=0, confidence=0.5, object=found, classification=None)
    (reason,) = refused([item])
    assert reason[0] == code
    assert words in reason[1]


def test_a_reject_shows_the_record() -> None:
    """As JSON, without the content of arrays."""
    from tests.encord_pickles import dumped, read

    (reject,) = read(dumped([detected(np.full((3, 4), 9, np.uint8), MASK)]))[2]
    assert '"array":{"dtype":"|u1","shape":[3,4]}' in reject["record"]
    assert '"format":"mask"' in reject["record"]
