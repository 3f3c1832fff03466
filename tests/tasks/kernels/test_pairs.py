"""Pairs kept above a floor."""

import numpy as np

from tasks.kernels.box_iou import box_pairs
from tasks.kernels.pairs import keep_above, similarities

RNG = np.random.default_rng(5)
FOUND, LABELLED = RNG.integers(0, 30, (50, 4)).astype(float), RNG.integers(0, 30, (40, 4)).astype(float)
FOUND_INDPTR, LABELLED_INDPTR = np.array([0, 20, 20, 50]), np.array([0, 10, 25, 40])
NO_CROWD = np.zeros(40, bool)


def test_keeping_above_a_floor_equals_pairing_with_it() -> None:
    """Pairs at the lowest floor, kept above a higher one, are those of the higher one, the floor included."""
    everything = box_pairs(FOUND, FOUND_INDPTR, LABELLED, NO_CROWD, LABELLED_INDPTR, 0.0)
    floor = float(np.sort(everything.similarity)[-100])
    kept = keep_above(*everything, floor)
    expected = box_pairs(FOUND, FOUND_INDPTR, LABELLED, NO_CROWD, LABELLED_INDPTR, floor)
    assert all(np.array_equal(a, b) for a, b in zip(kept, expected, strict=True))
    assert kept.similarity.min() == floor


def test_no_pairs_keep_none() -> None:
    """Without detections there is nothing to keep."""
    nothing = np.zeros(1, np.int64), np.empty(0, np.int32), np.empty(0)
    assert len(keep_above(*nothing, 0.5).similarity) == 0


def test_similarities_are_those_of_the_pairs() -> None:
    """Every pair is found again, and one that is not there is NaN."""
    pairs = box_pairs(FOUND, FOUND_INDPTR, LABELLED, NO_CROWD, LABELLED_INDPTR, 0.1)
    rows = np.repeat(np.arange(50), np.diff(pairs.indptr))
    assert np.array_equal(similarities(*pairs, rows, pairs.annotation), pairs.similarity)
    assert np.isnan(similarities(*pairs, np.array([0, 49]), np.array([40, 0], np.int32))).all()
    assert len(similarities(*pairs, rows[:0], pairs.annotation[:0])) == 0
