"""The classes people make predictions with: checked when made, and again when written."""

import pickle
import re
from typing import Any

import numpy as np
import pytest

from boxscore import (
    Bitmask,
    BoundingBox,
    Format,
    FrameClassification,
    Keypoint,
    ObjectDetection,
    Polyline,
    Prediction,
    RotatableBoundingBox,
    Skeleton,
)

BOX = BoundingBox(x=0.1, y=0.2, w=0.3, h=0.4)
CORNERS = [[0.2, 0.1], [0.2, 0.4], [0.3, 0.4]]
MASK = np.eye(3, dtype=np.uint8)


def found(data: Any = BOX, form: Any = Format.BOUNDING_BOX, **changes: Any) -> ObjectDetection:
    """A detection."""
    return ObjectDetection(**{"format": form, "data": data, "feature_hash": "c", **changes})


def made(**changes: Any) -> Prediction:
    """A prediction of a box."""
    return Prediction(**{"data_hash": "u", "confidence": 0.8, "object": found(), **changes})


def test_the_documented_snippets_make_predictions() -> None:
    """As in Encord Active's documents, but for the import."""
    answer = FrameClassification(feature_hash="<class_id>", attribute_hash="<a>", option_hash="<o>")
    assert Prediction(data_hash="<hash>", frame=3, confidence=0.8, classification=answer).frame == 3
    sides = BoundingBox(x=10 / 1280, y=25 / 720, w=200 / 1280, h=150 / 720)
    first = Prediction(data_hash="<hash>", frame=3, confidence=0.8, object=found(sides))
    assert first.object is not None
    assert (first.object.data.x, first.object.data.theta) == (0.0078125, 0.0)
    second = Prediction(data_hash="<hash>", confidence=0.8, object=found(MASK, Format.MASK))
    assert second.frame == 0
    assert Prediction(data_hash="<hash>", confidence=0.8, object=found(np.array(CORNERS), Format.POLYGON)).object


def test_an_older_form_is_taken() -> None:
    """class_id, format and data stand for an object."""
    old = Prediction(data_hash="u", confidence=0.8, class_id="c", format=Format.BOUNDING_BOX, data=BOX, track_id=7)
    assert old.object is not None
    assert (old.object.feature_hash, old.object.data, old.object.track_id) == ("c", BOX, 7)


def test_numbers_of_numpy_become_plain() -> None:
    """So that what is pickled holds none of them."""
    box = BoundingBox(x=np.float32(0.5), y=np.int64(0), w=1, h=np.float64(0.25))
    assert [type(value) for value in (box.x, box.y, box.w, box.h)] == [float] * 4
    item = made(confidence=np.float32(0.5), frame=np.int64(2))
    assert (type(item.confidence), type(item.frame)) == (float, int)


REFUSED: dict[str, tuple[Any, str]] = {
    "x above 1": (lambda: BoundingBox(x=1.5, y=0, w=0, h=0), "x is 1.5; 0 to 1 is allowed"),
    "h below 0": (lambda: BoundingBox(x=0, y=0, w=0, h=-0.5), "h is -0.5; 0 to 1 is allowed"),
    "w not finite": (lambda: BoundingBox(x=0, y=0, w=float("nan"), h=0), "w is nan; 0 to 1 is allowed"),
    "y a text": (lambda: BoundingBox(x=0, y="0.5", w=0, h=0), "y is '0.5'; a number is needed"),
    "y a truth": (lambda: BoundingBox(x=0, y=True, w=0, h=0), "y is True; a number is needed"),
    "y an array": (lambda: BoundingBox(x=0, y=np.zeros(1), w=0, h=0), "y is array([0.]); a number is needed"),
    "theta": (lambda: RotatableBoundingBox(x=0, y=0, w=1, h=1, theta=361), "theta is 361; 0 to 360 is allowed"),
    "mask of 255": (lambda: found(MASK * 255, "mask"), "data has values from 0 to 255; 0 and 1 are allowed"),
    "mask of floats": (lambda: found(np.eye(3), "mask"), "data has shape (3, 3) and dtype float64"),
    "mask of lists": (lambda: found([[0, 1]], "mask"), "a numpy array (height, width) of 0 and 1 is needed"),
    "polygon of pixels": (lambda: found([[10, 20], [30, 40], [5, 6]], "polygon"), "data.x is 10; -1 to 2 is allowed"),
    "polygon of two": (lambda: found(CORNERS[:2], "polygon"), "data has 2 points; at least 3 are needed"),
    "polygon of threes": (lambda: found([[1, 2, 3]], "polygon"), "data holds [1, 2, 3]; a point is a pair x, y"),
    "polygon of nothing": (lambda: found(7, "polygon"), "data is 7; points (x, y) are needed"),
    "format": (lambda: found(form="cuboid"), "format is 'cuboid'; bounding-box, mask, polygon"),
    "box as mask": (lambda: found(BOX, "bitmask"), "for the format bitmask a Bitmask is needed"),
    "class": (lambda: found(feature_hash=""), "feature_hash is ''; 1 to 1000 characters without NUL are allowed"),
    "track": (lambda: found(track_id=1.5), "track_id is 1.5; a whole number is needed"),
    "unit": (lambda: made(data_hash=None), "data_hash is None; a text is needed"),
    "unit with NUL": (lambda: made(data_hash="a\0"), "data_hash is 'a\\x00'; 1 to 1000 characters"),
    "confidence": (lambda: made(confidence=float("inf")), "confidence is inf; "),
    "confidence missing": (lambda: made(confidence=None), "confidence is None; a number is needed"),
    "frame": (lambda: made(frame=-1), "frame is -1; 0 to 2147483647 is allowed"),
    "frame of parts": (lambda: made(frame=1.5), "frame is 1.5; a whole number is needed"),
    "neither": (lambda: made(object=None), "one of object and classification must be given, and not both"),
    "both": (
        lambda: made(classification=FrameClassification(feature_hash="f", attribute_hash="a", option_hash="o")),
        "one of object and classification must be given, and not both",
    ),
    "object": (lambda: made(object=BOX), "an ObjectDetection is needed"),
    "option": (
        lambda: FrameClassification(feature_hash="f", attribute_hash="a", option_hash=7), "option_hash is 7; a text"
    ),
    "flat without data": (lambda: Prediction(data_hash="u", confidence=1, class_id="c"), "are given together"),
    "flat and nested": (lambda: made(class_id="c", format="mask", data=MASK), "in place of object"),
    "point": (lambda: Keypoint(x=0.5, y=30), "y is 30; -1 to 2 is allowed"),
    "visibility": (lambda: Keypoint(x=0, y=0, visibility=3), "visibility is 3; 0 to 2 is allowed"),
    "name of a point": (lambda: Keypoint(x=0, y=0, name=7), "name is 7; a text is needed"),
    "skeleton of pairs": (lambda: Skeleton(points=[(0, 0)]), "points holds (0, 0); a Keypoint is needed"),
    "skeleton of none": (lambda: Skeleton(points=[]), "points has 0 points; at least 1 is needed"),
    "line": (lambda: Polyline(points=[(0, 0)]), "points has 1 points; at least 2 are needed"),
    "height": (lambda: Bitmask(height=0, width=3, counts=b"0"), "height is 0; 1 to 65536 is allowed"),
    "pixels": (lambda: Bitmask(height=65536, width=65536, counts=b"0"), "height x width is 4294967296; at most"),
    "counts": (lambda: Bitmask(height=3, width=3, counts="0 9"), "counts is b'0 9'; characters '0' to 'o'"),
    "no counts": (lambda: Bitmask(height=3, width=3, counts=[9]), "counts is [9]; COCO's compressed run lengths"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_said_when_it_is_made(make: Any, words: str) -> None:
    """The message holds the field, the value and what is allowed."""
    with pytest.raises(ValueError, match=re.escape(words)):
        make()


def test_unknown_arguments_are_refused() -> None:
    """As of any function."""
    with pytest.raises(TypeError, match="no argument 'colour'"):
        made(colour="red")


def test_changes_are_seen_when_it_is_checked_again() -> None:
    """Also those of what the prediction holds."""
    item = made(object=found(BoundingBox(x=0, y=0, w=0.5, h=0.5)))
    assert item.object is not None
    item.object.data.w = 7
    with pytest.raises(ValueError, match="w is 7; 0 to 1 is allowed"):
        item.validate()


@pytest.mark.parametrize("protocol", range(6))
def test_pickles_record_the_public_module(protocol: int) -> None:
    """`boxscore`, whatever file a class stands in; and what comes back is what went in."""
    turned = RotatableBoundingBox(x=0, y=0, w=0.5, h=0.5, theta=9)
    content = pickle.dumps([made(), made(object=found(turned, "rotatable-bounding-box"))], protocol)
    assert b"schemas" not in content
    first, second = pickle.loads(content)
    assert first.object.data == BOX
    assert second.object.format is Format.ROTATABLE_BOUNDING_BOX
    assert second.object.data == turned


def test_a_prediction_shows_what_it_is() -> None:
    """In one line."""
    assert repr(made()).startswith("Prediction(data_hash='u', frame=0, confidence=0.8, ObjectDetection(format=")
