"""MOTChallenge's preprocessing; its numbers against trackeval are in the tests of the engine."""

import numpy as np

from tasks.engine import JudgedUnits
from tasks.matchable import Classes
from tasks.protocols.motchallenge import PROTOCOL
from tasks.tracks.boxes import Boxes, Sides
from tasks.tracks.distractors import without_distractors
from tests.tasks.tracks.made_boxes import boxes, units

NOTHING = JudgedUnits(np.zeros(0, np.int64), np.zeros(0, np.int64))
NAMES = ("pedestrian", "static_person", "car", "dog")


def preprocessed(truth: Boxes, found: Boxes) -> Sides:
    """Both sides after it."""
    classes = Classes(np.arange(4, dtype=np.int32), NAMES)
    sides = Sides(units(), classes, np.arange(4), truth, found, {}, NOTHING)
    return without_distractors(sides, PROTOCOL.rules)


def test_what_lies_on_a_distractor_is_taken_out() -> None:
    """What lies on another class that is not judged stays, and is false."""
    truth = boxes((0, 0, "s", 0.0), (0, 0, "c", 30.0), (0, 0, "x", 60.0), category=(1, 2, 0))
    found = boxes((0, 0, "p", 1.0), (0, 0, "q", 31.0), (0, 0, "r", 61.0))
    sides = preprocessed(truth, found)
    assert [found.names[track] for track in sides.found.track] == ["q", "r"]
    assert [truth.names[track] for track in sides.truth.track] == ["x"]
    assert sides.counts == {"predictions_on_distractors": 1}


def test_a_pedestrian_that_does_not_count_takes_its_prediction_from_a_distractor() -> None:
    """It is there while predictions are assigned, and gone afterwards."""
    truth = boxes((0, 0, "x", 0.0), (0, 0, "s", 3.0), category=(0, 1))._replace(ignored=np.array([True, False]))
    sides = preprocessed(truth, boxes((0, 0, "p", 0.0)))
    assert (len(sides.truth.unit), len(sides.found.unit)) == (0, 1)


def test_other_predicted_classes_are_left_out() -> None:
    """And annotated ones that MOTChallenge does not know take nothing."""
    truth = boxes((0, 0, "d", 0.0), category=(3,))
    sides = preprocessed(truth, boxes((0, 0, "p", 0.0), (0, 0, "c", 0.0), category=(0, 2)))
    assert sides.found.track.tolist() == [1]
    assert len(sides.truth.unit) == 0


def test_nothing_on_a_side_takes_nothing_from_the_other() -> None:
    """Of pedestrians."""
    assert len(preprocessed(boxes(), boxes((0, 0, "p", 0.0))).found.unit) == 1
    assert len(preprocessed(boxes((0, 0, "x", 0.0)), boxes()).truth.unit) == 1
