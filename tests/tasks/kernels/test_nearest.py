"""Best partners against a search over all pairs."""

import numpy as np

from tasks.kernels.nearest import nearest
from tasks.kernels.pairs import Pairs


def every_pair(seed: int, n_dt: int, n_gt: int) -> tuple[Pairs, np.ndarray]:
    """Pairs of every detection with every annotation, with many equal similarities; and the same as a table D x G."""
    table = np.random.default_rng(seed).integers(1, 10, (n_dt, n_gt)) / 10
    indptr = np.arange(n_dt + 1) * n_gt
    return Pairs(indptr, np.tile(np.arange(n_gt, dtype=np.int32), n_dt), table.ravel()), table


def best_of(table: np.ndarray, allowed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per row the highest value where allowed and the first place that has it; NaN and -1 where none is allowed."""
    masked = np.where(allowed, table, -1)
    place = masked.argmax(axis=1)
    best = masked[np.arange(len(table)), place]
    return np.where(best < 0, np.nan, best), np.where(best < 0, -1, place)


def test_best_partners_are_the_first_of_the_most_alike() -> None:
    """In class, out of class and from the annotation, the best is the first of those with the highest similarity."""
    rng = np.random.default_rng(8)
    pairs, table = every_pair(1, 60, 25)
    dt_category, gt_category = rng.integers(0, 9, 60).astype(np.int32), rng.integers(0, 12, 25).astype(np.int32)
    takes_part, gt_counts = rng.random(60) < 0.7, rng.random(25) < 0.7
    found = nearest(pairs, dt_category, takes_part, gt_category, gt_counts)
    same = dt_category[:, None] == gt_category
    expected = (
        *best_of(table, same & gt_counts),
        *best_of(table, ~same & gt_counts),
        *best_of(table.T, (same & takes_part[:, None]).T),
    )
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(found, expected, strict=True))


def test_without_pairs_nothing_is_near() -> None:
    """Detections and annotations without pairs have NaN and -1."""
    pairs = Pairs(np.zeros(3, np.int64), np.empty(0, np.int32), np.empty(0))
    same, yes = np.zeros(2, np.int32), np.ones(2, bool)
    found = nearest(pairs, same, yes, same, yes)
    assert all(np.isnan(array).all() for array in found[::2])
    assert all((array == -1).all() for array in found[1::2])
