"""voc2007."""

import pytest

from tasks.protocols.voc2007 import PROTOCOL, RECALL_POINTS, interpolate
from tests.tasks.protocols.test_encord import steps


def test_precision_is_read_at_11_recalls() -> None:
    """1 up to a half, 2/4 up to 1."""
    assert interpolate(steps([1, 4], 2), PROTOCOL.rules).value == pytest.approx((6 * 1 + 5 * 0.5) / 11)


def test_recalls_are_spaced_as_the_devkit_counts_them() -> None:
    """From both ends: the fourth is more than .3, and the eighth is .7."""
    assert RECALL_POINTS[3] > 0.3
    assert RECALL_POINTS[7] == 0.7
    assert pytest.approx([k / 10 for k in range(11)]) == RECALL_POINTS


def test_a_recall_that_is_not_reached_has_no_precision() -> None:
    """Half of the annotations are found, by half of the recalls and 0."""
    assert interpolate(steps([1], 2), PROTOCOL.rules).precision.tolist() == [1.0] * 6 + [0.0] * 5
    assert interpolate(steps([], 2), PROTOCOL.rules).value == 0.0
