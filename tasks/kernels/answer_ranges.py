"""Ranges of frames that a model gives, matched with annotated ones by their temporal IoU."""

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int64
from tasks.kernels.compile import kernel


@kernel
def temporal_iou(first: int, last: int, other_first: int, other_last: int) -> float:
    """Frames in both ranges by frames in either; ends are inclusive."""
    shared = min(last, other_last) - max(first, other_first) + 1
    if shared <= 0:
        return 0.0
    return shared / (last - first + 1 + other_last - other_first + 1 - shared)


@kernel
def match_ranges(
    group: Int64, first: Int64, last: Int64, truth_group: Int64, truth_first: Int64, truth_last: Int64,
    thresholds: Float64,
) -> Bool:  # fmt: skip
    """bool[P, T]: whether each of P predicted ranges finds an annotated one of its group that is still free.

    int64 arrays; both sides by ascending group, predictions of a group best first. A prediction takes the free range
    it overlaps most, the earlier of equals, where their IoU reaches the threshold, float64[T]. A side is empty: none.
    """
    found = np.zeros((len(group), len(thresholds)), np.bool_)
    taken = np.zeros((len(truth_group), len(thresholds)), np.bool_)
    start = 0
    for p in range(len(group)):
        while start < len(truth_group) and truth_group[start] < group[p]:
            start += 1
        for t in range(len(thresholds)):
            best, highest, k = -1, 0.0, start
            while k < len(truth_group) and truth_group[k] == group[p]:
                iou = temporal_iou(first[p], last[p], truth_first[k], truth_last[k])
                if not taken[k, t] and iou >= thresholds[t] and iou > highest:
                    best, highest = k, iou
                k += 1
            if best >= 0:
                found[p, t] = taken[best, t] = True
    return found
