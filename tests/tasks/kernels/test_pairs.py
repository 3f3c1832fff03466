"""Candidates and the pairs kept of them."""

import numpy as np

from tasks.kernels.box_iou import box_pairs
from tasks.kernels.pairs import candidate_pairs, keep_above

RNG = np.random.default_rng(5)
FOUND, LABELLED = RNG.integers(0, 30, (50, 4)).astype(float), RNG.integers(0, 30, (40, 4)).astype(float)
FOUND_INDPTR, LABELLED_INDPTR = np.array([0, 20, 20, 50]), np.array([0, 10, 25, 40])
NO_CROWD = np.zeros(40, bool)


def test_candidates_are_the_pairs_that_share_area() -> None:
    """Candidates are exactly the pairs with an IoU above 0."""
    indptr, annotation = candidate_pairs(FOUND, FOUND_INDPTR, LABELLED, LABELLED_INDPTR)
    pairs = box_pairs(FOUND, FOUND_INDPTR, LABELLED, NO_CROWD, LABELLED_INDPTR, 1e-12)
    assert len(annotation) > 100
    assert np.array_equal(indptr, pairs.indptr)
    assert np.array_equal(annotation, pairs.annotation)


def test_candidates_outgrow_the_first_room() -> None:
    """Thousands of candidates of few detections are all there."""
    same = np.tile([0.0, 0, 10, 10], (600, 1))
    indptr, annotation = candidate_pairs(same[:9], np.array([0, 9]), same, np.array([0, 600]))
    assert np.array_equal(annotation, np.tile(np.arange(600), 9))
    assert np.array_equal(indptr, np.arange(10) * 600)


def test_keeping_above_a_floor_equals_pairing_with_it() -> None:
    """Pairs at the lowest floor, kept above a higher one, are those of the higher one, the floor included."""
    everything = box_pairs(FOUND, FOUND_INDPTR, LABELLED, NO_CROWD, LABELLED_INDPTR, 0.0)
    floor = float(np.sort(everything.similarity)[-100])
    kept = keep_above(*everything, floor)
    expected = box_pairs(FOUND, FOUND_INDPTR, LABELLED, NO_CROWD, LABELLED_INDPTR, floor)
    assert all(np.array_equal(a, b) for a, b in zip(kept, expected, strict=True))
    assert kept.similarity.min() == floor


def test_no_detections_have_no_candidates() -> None:
    """Without detections there is nothing to keep."""
    indptr, annotation = candidate_pairs(FOUND[:0], np.zeros(4, np.int64), LABELLED, LABELLED_INDPTR)
    assert (indptr.tolist(), len(annotation)) == ([0], 0)
    assert len(keep_above(indptr, annotation, np.empty(0), 0.5).similarity) == 0
