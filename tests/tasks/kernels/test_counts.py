"""Counts of outcomes, against counting them one by one."""

from collections import Counter

import numpy as np

from tasks.columns import only_read
from tasks.kernels.counts import Found, Known, count_outcomes, count_scored, count_units

UNITS, CLASSES, RANGES, THRESHOLDS, MOST = 5, 3, 2, 4, 3


def _sides(rng: np.random.Generator, n: int, g: int) -> tuple[Found, Known]:
    """n detections and g annotations of random outcomes; what matched is of a rank that takes part."""
    rank = rng.integers(0, 6, n).astype(np.int32)
    event = np.flatnonzero((rank < MOST) & (rng.random(n) < 0.5))
    shape = (len(event), RANGES, THRESHOLDS)
    counted = rng.random(shape) < 0.7
    found = (
        rng.integers(0, UNITS, n), rng.integers(0, CLASSES, n).astype(np.int32), rank,
        rng.integers(0, 2**RANGES, n).astype(np.uint64), event, counted & (rng.random(shape) < 0.5), counted,
    )  # fmt: skip
    known_counted = rng.random((g, RANGES)) < 0.7
    known_found = known_counted[:, :, None] & (rng.random((g, RANGES, THRESHOLDS)) < 0.5)
    known = (rng.integers(0, UNITS, g), rng.integers(0, CLASSES, g).astype(np.int32), known_found, known_counted)
    return Found(*map(only_read, found)), Known(*map(only_read, known))


def _words(found: Found, d: int, a: int, t: int) -> str:
    """What became of detection d."""
    if d in found.event:
        e = int(np.searchsorted(found.event, d))
        counted = "false" if found.counted[e, a, t] else "ignored"
        return "true" if found.true_positive[e, a, t] else counted
    if found.rank[d] >= MOST:
        return "beyond"
    return "ignored" if int(found.outside[d]) >> a & 1 else "false"


def test_outcomes_are_counted_by_class_range_and_threshold() -> None:
    """Every detection and every annotation once in each."""
    found, known = _sides(np.random.default_rng(1), 200, 80)
    counts = count_outcomes(found, known, MOST, CLASSES)
    for a in range(RANGES):
        for t in range(THRESHOLDS):
            said = Counter((int(found.category[d]), _words(found, d, a, t)) for d in range(200))
            for k in range(CLASSES):
                words = ("true", "false", "ignored", "beyond")
                assert counts[:4, k, a, t].tolist() == [said[k, word] for word in words]
                of_class = known.category == k
                missed = of_class & known.counted[:, a] & ~known.found[:, a, t]
                assert counts[4:, k, a, t].tolist() == [missed.sum(), (of_class & ~known.counted[:, a]).sum()]


def test_units_are_counted_at_the_lowest_threshold() -> None:
    """In the first range; similarities add up over what is true."""
    found, known = _sides(np.random.default_rng(2), 200, 80)
    similarity = only_read(np.random.default_rng(3).random(200))
    counts, total = count_units(found, known, similarity, MOST, UNITS)
    words = [_words(found, d, 0, 0) for d in range(200)]
    said = Counter(zip(found.unit.tolist(), words, strict=True))
    missed = known.counted[:, 0] & ~known.found[:, 0, 0]
    for u in range(UNITS):
        expected = [said[u, "true"], said[u, "false"], int(missed[known.unit == u].sum()), said[u, "ignored"]]
        assert counts[:, u].tolist() == expected
        true = [d for d in range(200) if words[d] == "true" and found.unit[d] == u]
        assert total[u] == sum(similarity[true].tolist(), 0.0)


def test_detections_are_counted_from_each_score_on() -> None:
    """By class, of those that are judged; a score that is just the lowest is counted."""
    rng, lowest = np.random.default_rng(4), np.array([-np.inf, 0.25, 0.5])
    category, score, judged = (
        rng.integers(0, CLASSES, 90).astype(np.int32),
        rng.integers(0, 5, 90) / 4,
        rng.random(90) < 0.6,
    )
    found = count_scored(only_read(category), only_read(score), judged, lowest, CLASSES)
    for k in range(CLASSES):
        assert found[:, k].tolist() == [(judged & (category == k) & (score >= low)).sum() for low in lowest]


def test_nothing_counts_for_nothing() -> None:
    """No detections and no annotations: zeros."""
    found, known = _sides(np.random.default_rng(4), 0, 0)
    assert not count_outcomes(found, known, MOST, CLASSES).any()
    counts, total = count_units(found, known, only_read(np.empty(0)), MOST, UNITS)
    assert (counts.shape, total.tolist()) == ((4, UNITS), [0.0] * UNITS)
    assert not counts.any()
