"""Grouping against numpy's lexsort."""

import numpy as np
import pytest

from tasks.kernels.grouping import group_annotations, group_detections

EMPTY = np.empty(0, np.int32)


def columns(seed: int, n: int, n_units: int, n_categories: int) -> tuple[np.ndarray, ...]:
    """Units, categories, scores and tie keys of n detections, with many equal scores and keys."""
    rng = np.random.default_rng(seed)
    unit = rng.integers(0, n_units, n).astype(np.int32)
    category = rng.integers(0, n_categories, n).astype(np.int32)
    return unit, category, rng.integers(0, 12, n) / 11, rng.integers(0, 5, n)


@pytest.mark.parametrize(("n", "n_units", "n_categories"), [(1, 1, 1), (300, 7, 5), (5000, 3, 2), (200, 400, 90)])
def test_detections_are_ordered_like_a_stable_lexsort(n: int, n_units: int, n_categories: int) -> None:
    """Order is unit, category, score descending, tie, then input order; long runs and empty units included."""
    unit, category, score, tie = columns(n, n, n_units, n_categories)
    order, indptr, _ = group_detections(unit, category, score, tie, n_units)
    assert np.array_equal(order, np.lexsort((tie, -score, category, unit)))
    assert np.array_equal(indptr, np.searchsorted(np.sort(unit), np.arange(n_units + 1)))


def test_rank_counts_within_unit_and_category() -> None:
    """Rank starts at 0 in each unit and category and rises by 1."""
    unit, category, score, tie = columns(1, 400, 5, 3)
    order, _, rank = group_detections(unit, category, score, tie, 5)
    group = unit[order] * 3 + category[order]
    first = np.searchsorted(group, group)
    assert np.array_equal(rank, np.arange(400) - first)


@pytest.mark.parametrize("descending", [True, False])
def test_long_runs_are_sorted_whatever_order_they_come_in(descending: bool) -> None:
    """A run of a thousand distinct scores is sorted, given in order or in reverse."""
    score = np.linspace(1, 0, 1000) if descending else np.linspace(0, 1, 1000)
    same = np.zeros(1000, np.int32)
    order, _, _ = group_detections(same, same, score, np.arange(1000), 1)
    assert np.array_equal(order, np.argsort(-score))


def test_tie_key_decides_between_equal_scores() -> None:
    """Among equal scores the lower tie key comes first, against the order of the input."""
    same = np.zeros(3, np.int32)
    order, _, _ = group_detections(same, same, np.full(3, 0.5), np.array([7, -2, 3]), 1)
    assert order.tolist() == [1, 2, 0]


def test_no_detections_leave_every_unit_empty() -> None:
    """Without detections the order is empty and indptr is 0 throughout."""
    order, indptr, rank = group_detections(EMPTY, EMPTY, np.empty(0), np.empty(0, np.int64), 3)
    assert (len(order), indptr.tolist(), len(rank)) == (0, [0, 0, 0, 0], 0)


def test_annotations_are_ordered_by_unit_and_tie() -> None:
    """Order is unit, tie, then input order."""
    unit, _, _, tie = columns(3, 500, 6, 1)
    order, indptr = group_annotations(unit, tie, 6)
    assert np.array_equal(order, np.lexsort((tie, unit)))
    assert np.array_equal(indptr, np.searchsorted(np.sort(unit), np.arange(7)))


def test_no_annotations_leave_every_unit_empty() -> None:
    """Without annotations the order is empty and indptr is 0 throughout."""
    order, indptr = group_annotations(EMPTY, np.empty(0, np.int64), 2)
    assert (len(order), indptr.tolist()) == (0, [0, 0, 0])
