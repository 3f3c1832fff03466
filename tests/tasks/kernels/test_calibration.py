"""Bins of scores, against a plain loop."""

from fractions import Fraction

import numpy as np
import pytest

from tasks.kernels.calibration import WORD, bin_sums

EDGES = np.arange(11) / 10


def _bin(score: float) -> int:
    """The bin whose upper edge is the first that is not below the score."""
    return next(b for b in range(10) if score <= EDGES[b + 1])


@pytest.mark.parametrize("seed", range(6))
def test_every_detection_that_counts_is_in_its_bin(seed: int) -> None:
    """Counts, true positives and, to the last bit, sums of scores, of classes and thresholds; edges and beyond too."""
    random = np.random.default_rng(seed)
    size, thresholds = 400, 3
    score = np.where(random.random(size) < 0.3, random.choice([*EDGES, -0.5, 1.5], size), random.random(size))
    category = random.integers(0, 4, size).astype(np.int32)
    event = np.sort(random.choice(size, 90, replace=False))
    counted = random.random((90, 2, thresholds)) < 0.8
    true = counted & (random.random(counted.shape) < 0.5)
    unmatched = random.random(size) < 0.7
    unmatched[event] = False
    found = bin_sums(category, score, unmatched, event, true, counted, EDGES, 4)
    place = {int(d): e for e, d in enumerate(event)}
    for t in range(thresholds):
        n, hits = np.zeros((4, 10), int), np.zeros((4, 10), int)
        total = [[Fraction(0)] * 10 for _ in range(4)]
        for d in range(size):
            e = place.get(d)
            if not (unmatched[d] if e is None else counted[e, 0, t]):
                continue
            within = min(max(float(score[d]), 0.0), 1.0)
            k, b = category[d], _bin(within)
            n[k, b] += 1
            hits[k, b] += e is not None and true[e, 0, t]
            total[k][b] += Fraction(int(Fraction(within) * WORD**2), WORD**2)
        assert np.array_equal(found.n[:, t], n)
        assert np.array_equal(found.true[:, t], hits)
        sums = [
            [Fraction(int(found.high[k, t, b]), WORD) + Fraction(int(found.low[k, t, b]), WORD**2) for b in range(10)]
            for k in range(4)
        ]
        assert sums == total


def test_nothing_is_in_no_bin() -> None:
    """Without detections every sum is 0, and has its shape."""
    nothing = np.empty((0, 1, 2), bool)
    found = bin_sums(
        np.empty(0, np.int32), np.empty(0), np.empty(0, bool), np.empty(0, np.int64), nothing, nothing, EDGES, 3
    )
    assert all(part.shape == (3, 2, 10) and not part.any() for part in found)
