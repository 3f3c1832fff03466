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
def _find(
    first: int, last: int, truth_first: Int64, truth_last: Int64, taken: Bool, thresholds: Float64, highest: Float64,
    best: Int64,
) -> None:  # fmt: skip
    """Write the free range that overlaps most, by threshold; -1 where none reaches it. Ranges begin in order."""
    best[:] = -1
    highest[:] = 0.0
    for k in range(len(truth_first)):
        if truth_first[k] > last:
            return
        if truth_last[k] < first:
            continue
        iou = temporal_iou(first, last, truth_first[k], truth_last[k])
        for t in range(len(thresholds)):
            if iou < thresholds[t]:
                break
            if not taken[k, t] and iou > highest[t]:
                best[t], highest[t] = k, iou


@kernel
def match_ranges(
    group: Int64, first: Int64, last: Int64, truth_group: Int64, truth_first: Int64, truth_last: Int64,
    thresholds: Float64,
) -> Bool:  # fmt: skip
    """bool[P, T]: whether each of P predicted ranges finds an annotated one of its group that is still free.

    int64 arrays; predictions by ascending group, best first; annotated ones by group and first frame. A prediction
    takes the free range it overlaps most, the earlier of equals, where their IoU reaches the threshold: float64[T],
    ascending, above 0. A side is empty: no match.
    """
    found = np.zeros((len(group), len(thresholds)), np.bool_)
    taken = np.zeros((len(truth_group), len(thresholds)), np.bool_)
    highest, best = np.empty(len(thresholds)), np.empty(len(thresholds), np.int64)
    start, stop = 0, 0
    for p in range(len(group)):
        while start < len(truth_group) and truth_group[start] < group[p]:
            start += 1
        stop = max(start, stop)
        while stop < len(truth_group) and truth_group[stop] == group[p]:
            stop += 1
        near = slice(start, stop)
        _find(first[p], last[p], truth_first[near], truth_last[near], taken[near], thresholds, highest, best)
        for t in range(len(thresholds)):
            if best[t] >= 0:
                found[p, t] = taken[start + best[t], t] = True
    return found
