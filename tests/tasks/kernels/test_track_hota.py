"""HOTA's sums; against trackeval in the tests of the engine."""

import numpy as np

from tasks.kernels.track_hota import hota_sums
from tests.tasks.tracks.made_boxes import scene

HALF = np.array([0.5])


def test_a_pair_of_tracks_is_weighed_by_what_is_matched_of_both() -> None:
    """Two of three boxes of one and two of two of the other."""
    truth = [(0, frame, "x", 0.0) for frame in range(3)]
    sums = hota_sums(scene(truth, [(0, 0, "p", 1.0), (0, 1, "p", 1.0)]), HALF)
    assert sums.matches.tolist() == [[2]]
    assert sums.similarity[0, 0] == 2 * 90 / 110
    assert sums.association[0, 0].tolist() == [2 * (2 / 3), 2 * (2 / 3), 2.0]


def test_whole_tracks_decide_who_is_matched_on_a_frame() -> None:
    """p overlaps x less than q does on one frame, and goes with it on all others."""
    truth = [(0, frame, "x", 0.0) for frame in range(6)]
    found = [(0, frame, "p", 1.0) for frame in range(6)] + [(0, 2, "q", 0.0)]
    sums = hota_sums(scene(truth, found), HALF)
    assert sums.association[0, 0].tolist() == [6.0, 6.0, 6.0]


def test_thresholds_are_reached_or_not() -> None:
    """An IoU of just a threshold reaches it."""
    sums = hota_sums(scene([(0, 0, "x", 0.0)], [(0, 0, "p", 5.0)]), np.array([0.25, 1 / 3, 0.34]))
    assert sums.matches.tolist() == [[1, 1, 0]]


def test_an_empty_side_has_no_match() -> None:
    """Nor has an empty scene a sequence."""
    assert hota_sums(scene([(0, 0, "x", 0.0)], []), HALF).matches.tolist() == [[0]]
    assert hota_sums(scene([], []), HALF).matches.shape == (0, 1)
