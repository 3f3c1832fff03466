"""Boxes that are identified; against trackeval in the tests of the engine."""

import numpy as np
import pytest

from tasks.kernels.track_identity import identity_sums
from tests.tasks.tracks.made_boxes import Row, scene

TRUTH: list[Row] = [(0, frame, "x", 0.0) for frame in range(6)] + [(0, frame, "y", 50.0) for frame in range(4)]


@pytest.mark.parametrize(("found", "identified"), [([], 0), ([(0, 0, "p", 9.0)], 0), ([(0, 0, "p", 1.0)], 1)])
def test_boxes_overlap_enough_or_not(found: list[Row], identified: int) -> None:
    """An IoU of .5 or more."""
    assert identity_sums(scene(TRUTH, found), 0.5).tolist() == [identified]


def test_every_track_has_one_partner() -> None:
    """p is with x on 3 frames and with y on 2, q with x on 2: x and q, y and p, or x and p."""
    found: list[Row] = [(0, 0, "p", 0.0), (0, 1, "p", 0.0), (0, 2, "p", 0.0), (0, 3, "p", 50.0), (0, 4, "q", 0.0)]
    assert identity_sums(scene(TRUTH, found), 0.5).tolist() == [3]
    more: list[Row] = [*found[:2], (0, 2, "p", 50.0), found[3], found[4], (0, 5, "q", 0.0)]
    assert identity_sums(scene(TRUTH, more), 0.5).tolist() == [4]


def test_sequences_are_apart() -> None:
    """A track of one name in two sequences is two."""
    truth: list[Row] = [(s, frame, "x", 0.0) for s in (0, 1) for frame in range(3)]
    found: list[Row] = [(0, 0, "p", 0.0), (1, 0, "q", 0.0), (1, 1, "q", 0.0)]
    assert identity_sums(scene(truth, found), 0.5).tolist() == [1, 2]
    assert np.array_equal(identity_sums(scene([], []), 0.5), np.empty(0))
