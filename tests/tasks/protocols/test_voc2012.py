"""voc2012."""

import pytest

from tasks.protocols.voc2012 import PROTOCOL
from tasks.voc import area_under_curve
from tests.tasks.protocols.test_encord import steps


def test_the_value_is_the_area_under_the_highest_precisions() -> None:
    """A step of a third at 1, one at 2/3 which the next raises to 3/4, one at 3/4."""
    curve = area_under_curve(steps([1, 3, 4], 3), PROTOCOL.rules)
    assert curve.value == pytest.approx((1 + 3 / 4 + 3 / 4) / 3)
    assert curve.recall.tolist() == pytest.approx([1 / 3, 2 / 3, 1])


def test_without_a_true_positive_there_is_no_area() -> None:
    """And no points."""
    curve = area_under_curve(steps([], 3), PROTOCOL.rules)
    assert (curve.value, curve.recall.size) == (0.0, 0)
