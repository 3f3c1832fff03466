"""Detections that have to do with each annotation, against a search of all of them."""

import numpy as np
import pytest

from tasks.kernels.claimants import Nearby, claimants
from tasks.kernels.tide import BACKGROUND_IOU, CLASS, LOCATION

THRESHOLD = 0.5


def _best(rows: list[int], score: np.ndarray) -> int:
    """The best scored, the first of equals; -1 of none."""
    return max(rows, key=lambda d: (score[d], -d), default=-1)


@pytest.mark.parametrize("seed", range(5))
def test_the_best_scored_of_each_kind_claims_an_annotation(seed: int) -> None:
    """Ignored detections mend as the error they would be; nobody mends what was found or does not count."""
    rng, detections, annotations = np.random.default_rng(seed), 300, 20
    error = rng.integers(0, 6, detections).astype(np.uint8)
    ignored = np.flatnonzero(rng.random(detections) < 0.2).astype(np.int32)
    error[ignored] = 0
    similar, other = rng.choice([np.nan, 0.05, BACKGROUND_IOU, 0.3, THRESHOLD, 0.8], (2, detections))
    score = rng.integers(0, 5, detections) / 4
    best, best_other = rng.integers(0, annotations, (2, detections)).astype(np.int32)
    found_by, counts = rng.integers(-1, 2, annotations).astype(np.int32), rng.random(annotations) < 0.8
    nearby = Nearby(similar, best, other, best_other, error, score)
    found = claimants(nearby, ignored, found_by, counts, THRESHOLD)
    kind = error.copy()
    for d in ignored:
        kind[d] = LOCATION if BACKGROUND_IOU <= similar[d] <= THRESHOLD else CLASS if other[d] >= THRESHOLD else 0
    for g in range(annotations):
        confused = [d for d in range(detections) if error[d] == CLASS and best_other[d] == g]
        menders = [
            d
            for d in range(detections)
            if (kind[d] == CLASS and best_other[d] == g) or (kind[d] == LOCATION and best[d] == g)
        ]
        missed = counts[g] and found_by[g] < 0
        assert found.finder[g] == (found_by[g] if counts[g] else -1)
        assert found.confused[g] == _best(confused, score)
        assert found.mender[g] == (_best(menders, score) if missed else -1)


def test_without_detections_nobody_claims_anything() -> None:
    """As of a bucket whose images have annotations alone."""
    nothing, nobody = np.empty(0), np.empty(0, np.int32)
    nearby = Nearby(nothing, nobody, nothing, nobody, np.empty(0, np.uint8), nothing)
    found = claimants(nearby, nobody, np.full(3, -1, np.int32), np.ones(3, bool), THRESHOLD)
    assert [column.tolist() for column in found] == [[-1] * 3] * 3
