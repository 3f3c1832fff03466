"""Counts by bin against plain loops, and whole = combined parts."""

import numpy as np
import pytest

from tasks.failure_analysis.bins import quantile_bins
from tasks.failure_analysis.counts import COUNT, HITS, PAIR_GROUPS, combine, count, mean_similarity, pair_groups
from tasks.failure_analysis.objects import Binning, Objects

CLASSES, BINS = 3, 8


def objects(n: int, seed: int = 0) -> Objects:
    """Random objects with a continuous metric, one of few values, and one that is mostly null."""
    rng = np.random.default_rng(seed)
    hit = rng.random(n) < 0.6
    rare = np.where(rng.random(n) < 0.8, np.nan, rng.random(n))
    values = np.stack([rng.normal(size=n), rng.integers(0, 4, n).astype(float), rare], axis=1)
    similarity = np.where(hit, 0.5 + rng.random(n) / 2, 0.0)
    return Objects(np.arange(n), rng.integers(0, 50, n), rng.integers(0, CLASSES, n), hit, similarity, values)


def binning(of: Objects) -> Binning:
    """Its quantiles."""
    return Binning(tuple(quantile_bins(column, BINS) for column in of.values.T))


def test_cells_are_those_of_a_loop() -> None:
    """Objects, hits, mean similarity and extremes of every metric, class and bin."""
    some = objects(500)
    bins = binning(some)
    counts, places = count(some, bins, CLASSES), bins.of(some.values)
    means = mean_similarity(counts.cells)
    for m in range(3):
        for k in range(CLASSES):
            for b in range(bins.width + 1):
                rows = (places[:, m] == b) & (some.category == k)
                assert counts.cells[m, k, b, COUNT] == rows.sum()
                assert counts.cells[m, k, b, HITS] == (rows & some.hit).sum()
                expected = some.similarity[rows & some.hit]
                assert means[m, k, b] == pytest.approx(expected.mean() if len(expected) else np.nan, nan_ok=True)
        for b in range(len(bins.bounds[m])):
            inside = some.values[places[:, m] == b, m]
            assert (counts.low[m, b], counts.high[m, b]) == (inside.min(), inside.max())
    assert counts.totals.tolist() == [
        [(some.category == k).sum(), ((some.category == k) & some.hit).sum()] for k in range(CLASSES)
    ]


def test_pairs_are_those_of_a_loop() -> None:
    """Objects and hits in two groups of bins at once; nulls are in none."""
    some = objects(400, seed=4)
    bins = binning(some)
    counts = count(some, bins, CLASSES)
    groups = pair_groups(bins)[np.arange(3), bins.of(some.values)]
    for m, o in ((0, 1), (0, 2), (1, 2), (1, 1)):
        for g in range(PAIR_GROUPS):
            for h in range(PAIR_GROUPS):
                rows = (groups[:, m] == g) & (groups[:, o] == h)
                place = (m * PAIR_GROUPS + g, o * PAIR_GROUPS + h)
                assert counts.pairs[0][place] == rows.sum()
                assert counts.pairs[1][place] == (rows & some.hit).sum()


def test_whole_is_the_combined_parts_to_the_bit() -> None:
    """In any order, sums of similarities included."""
    some = objects(3000, seed=2)
    bins = binning(some)
    rows = np.random.default_rng(9).permutation(3000)
    parts = [count(some.rows(part), bins, CLASSES) for part in np.array_split(rows, 7)]
    for one, other in zip(count(some, bins, CLASSES), combine(parts), strict=True):
        assert (one == other).all()


def test_nothing_counts_nothing() -> None:
    """No objects, or no metrics."""
    none = objects(0)
    assert count(none, Binning((np.array([1.0]), np.array([]), np.array([]))), CLASSES).cells.sum() == 0
    bare = objects(5)._replace(values=np.empty((5, 0)))
    assert count(bare, Binning(()), CLASSES).totals.sum() == 5 + bare.hit.sum()
