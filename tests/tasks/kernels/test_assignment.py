"""Assignments against scipy's, and against all there are."""

from itertools import permutations

import numpy as np
import pytest

from tasks.kernels.assignment import assign


def _scores(kind: int, seed: int) -> np.ndarray:
    """Up to 11 x 11 scores: all different, few values, mostly 0, or as CLEAR has them."""
    rng = np.random.default_rng(seed)
    scores = rng.random(rng.integers(0, 12, 2))
    if kind == 1:
        return rng.integers(0, 3, scores.shape).astype(float)
    if kind == 2:
        return np.where(rng.random(scores.shape) < 0.7, 0.0, scores)
    if kind == 3:
        return 1000.0 * (rng.random(scores.shape) < 0.1) + np.round(scores, 1) * (scores > 0.5)
    return scores


@pytest.mark.parametrize("kind", range(4))
def test_of_several_best_it_takes_the_one_that_scipy_takes(kind: int) -> None:
    """Rows and columns of any number, with and without ties."""
    optimize = pytest.importorskip("scipy.optimize", reason="needs scipy")
    for seed in range(300):
        scores = _scores(kind, seed)
        expected = np.full(len(scores), -1)
        rows, columns = optimize.linear_sum_assignment(-scores)
        expected[rows] = columns
        assert assign(scores).tolist() == expected.tolist()


def test_no_assignment_is_better() -> None:
    """Of all permutations of up to 5 rows."""
    for seed in range(100):
        rng = np.random.default_rng(seed)
        scores = rng.normal(size=(rng.integers(1, 6), 5))
        columns = assign(scores)
        assert len(set(columns.tolist())) == len(columns)
        ways = permutations(range(5), len(scores))
        best = max(sum(scores[row, column] for row, column in enumerate(way)) for way in ways)
        assert scores[np.arange(len(scores)), columns].sum() == pytest.approx(best, abs=1e-12)


def test_rows_beyond_the_columns_get_none() -> None:
    """The highest scores go first; without columns all are without."""
    assert assign(np.array([[1.0], [3.0], [2.0]])).tolist() == [-1, 0, -1]
    assert assign(np.zeros((2, 0))).tolist() == [-1, -1]
    assert assign(np.zeros((0, 3))).tolist() == []
