"""Which detections have to do with each annotation, at one area range and threshold."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int32, UInt8
from tasks.kernels.compile import kernel
from tasks.kernels.tide import BACKGROUND_IOU, CLASS, LOCATION, NO_ERROR


class Claimants(NamedTuple):
    """Detections by place, int32[G]; -1: none. Of equal scores the first."""

    finder: Int32
    confused: Int32
    """The best scored Cls error whose best annotation out of class it is."""
    mender: Int32
    """Of what nobody found: the best scored Cls or Loc error, ignored or not, that has it as its best annotation."""


class Nearby(NamedTuple):
    """What D detections are near to, as of Matches; and why they are false."""

    best_similarity: Float64
    best_annotation: Int32
    best_other_similarity: Float64
    best_other_annotation: Int32
    error: UInt8
    score: Float64


@kernel
def _would_be(best: float, other: float, threshold: float) -> int:
    """Cls or Loc, of an ignored detection, for which there is no reason else."""
    if BACKGROUND_IOU <= best <= threshold:
        return LOCATION
    return CLASS if other >= threshold else NO_ERROR


@kernel
def _claim(who: Int32, annotation: int, d: int, score: Float64) -> None:
    """Put detection d, which comes after those before it, in the place of a lower scored one."""
    if who[annotation] < 0 or score[d] > score[who[annotation]]:
        who[annotation] = d


@kernel
def claimants(nearby: Nearby, ignored: Int32, found_by: Int32, counts: Bool, threshold: float) -> Claimants:
    """Who has to do with each of G annotations.

    `ignored`: the detections that matched what does not count, ascending; `found_by` int32[G] detections or -1,
    `counts` bool[G] annotations that count. Without detections: nobody.
    """
    none, n_ignored = np.int32(-1), 0
    finder, confused, mender = np.full(len(counts), none), np.full(len(counts), none), np.full(len(counts), none)
    for g in range(len(counts)):
        if counts[g]:
            finder[g] = found_by[g]
    for d in range(len(nearby.error)):
        error = int(nearby.error[d])
        if error == CLASS:
            _claim(confused, nearby.best_other_annotation[d], d, nearby.score)
        if n_ignored < len(ignored) and ignored[n_ignored] == d:
            n_ignored += 1
            error = _would_be(nearby.best_similarity[d], nearby.best_other_similarity[d], threshold)
        if error in (CLASS, LOCATION):
            at = nearby.best_other_annotation[d] if error == CLASS else nearby.best_annotation[d]
            if counts[at] and finder[at] < 0:
                _claim(mender, at, d, nearby.score)
    return Claimants(finder, confused, mender)
