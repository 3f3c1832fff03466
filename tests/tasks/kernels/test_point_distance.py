"""Distances of points, pair by pair."""

import numpy as np
import pytest

from tasks.kernels.point_distance import point_pairs
from tests.tasks.kernels.test_box_iou import dense, one_unit

LIMITS = np.array([5.0, 10.0])


@pytest.mark.parametrize("floor", [0.0, 0.1, 0.5])
def test_pairs_are_all_those_near_enough(floor: float) -> None:
    """Measured one by one."""
    rng = np.random.default_rng(2)
    found, labelled = rng.uniform(0, 40, (50, 2)), rng.uniform(0, 40, (30, 2))
    pairs = point_pairs(found, one_unit(50), labelled, one_unit(30), np.ones(1), LIMITS, floor)
    expected = np.maximum(0, 1 - np.linalg.norm(found[:, None] - labelled, axis=2) / 20)
    assert np.allclose(dense(pairs, 30), np.where(expected >= floor, expected, np.nan), equal_nan=True)


def test_distances_are_divided_by_what_their_unit_says() -> None:
    """5 px are a tenth of a unit of 50 px and a hundredth of one of 500 px."""
    found, labelled = np.array([[3.0, 4.0], [3.0, 4.0]]), np.zeros((2, 2))
    units = np.array([0, 1, 2])
    pairs = point_pairs(found, units, labelled, units, np.array([50.0, 500.0]), np.array([0.05, 0.1]), 0.0)
    assert pairs.similarity.tolist() == [0.5, 0.95]


def test_pairs_stay_within_their_unit_and_outgrow_the_first_room() -> None:
    """Thousands of pairs of few detections keep their order by annotation."""
    points = np.zeros((501, 2))
    indptr = np.array([0, 20, 21]), np.array([0, 500, 500])
    pairs = point_pairs(points[:21], indptr[0], points[:500], indptr[1], np.ones(2), LIMITS, 0.1)
    assert np.array_equal(pairs.annotation, np.tile(np.arange(500), 20))
    assert pairs.indptr[-1] == pairs.indptr[-2] == 10_000


@pytest.mark.parametrize(("n_found", "n_labelled"), [(0, 3), (3, 0), (0, 0)])
def test_an_empty_side_has_no_pairs(n_found: int, n_labelled: int) -> None:
    """Without detections or without annotations there are no pairs."""
    found, labelled = np.ones((n_found, 2)), np.ones((n_labelled, 2))
    pairs = point_pairs(found, one_unit(n_found), labelled, one_unit(n_labelled), np.ones(1), LIMITS, 0.1)
    assert pairs.indptr.tolist() == [0] * (n_found + 1)
    assert len(pairs.annotation) == 0
