"""Ranges of frames that a model gives, matched with annotated ones by their temporal IoU."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int64
from tasks.kernels.compile import kernel
from tasks.kernels.row_order import ascending


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


class Chained(NamedTuple):
    """n ranges of frames over which a sequence has an option with one score."""

    group: Int64
    """int64[n]: sequence and option."""
    score: Float64
    first: Int64
    last: Int64


class Options(NamedTuple):
    """What S stretches hold of a side."""

    indptr: Int64
    """int64[S+1]"""
    option: Int64
    score: Float64
    """float64: of the options of each stretch in their order, from score_indptr int64[S+1] on."""
    score_indptr: Int64


@kernel
def _same(a: float, b: float) -> bool:
    """Two scores, or none twice."""
    return a == b or (np.isnan(a) and np.isnan(b))


@kernel
def chained(sequence: Int64, first: Int64, last: Int64, which: Bool, side: Options, options: int) -> Chained:
    """Options of S stretches, each as one range where the stretch before goes on with it and its score.

    int64[S] each, bool[S] says which stretches count, `options` is above every option. Ranges of stretches that are no
    neighbours may touch all the same. No stretches: none.
    """
    n, m, before, until = len(side.option), 0, 0, 0
    group, begin, end = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    score, part = np.empty(n), np.empty(n, np.int64)  # the range that each entry became part of
    for s in range(len(sequence)):
        start, stop, at = side.indptr[s], side.indptr[s + 1], side.score_indptr[s] - side.indptr[s]
        if not which[s]:
            before, until = stop, stop
            continue
        if s == 0 or sequence[s] != sequence[s - 1] or not first[s - 1] <= first[s] <= last[s - 1] + 1:
            before, until = start, start
        near = before  # most lists are as the one before was
        for e in range(start, stop):
            own, value, found = sequence[s] * options + side.option[e], side.score[at + e], -1
            for _ in range(before, until):
                if group[part[near]] == own and _same(score[part[near]], value):
                    found = part[near]
                near = near + 1 if near + 1 < until else before
                if found >= 0:
                    break
            if found < 0:
                found, m = m, m + 1
                group[found], score[found], begin[found], end[found] = own, value, first[s], last[s]
            part[e], end[found] = found, max(end[found], last[s])
        before, until = start, stop
    return Chained(group[:m].copy(), score[:m].copy(), begin[:m].copy(), end[:m].copy())


@kernel
def joined_rows(keys: Int64, last: Int64) -> tuple[Int64, Int64]:
    """(int64[m], int64[m]): the first row of each run of ranges that touch and agree in all keys but the last, its end.

    `keys` int64[K, n], of which the last is the first frame; `last` int64[n] is inclusive. Runs come in the order of
    their keys. No ranges: none.
    """
    order = ascending(keys, np.empty(0, np.int64))
    heads, ends, m = np.empty(len(order), np.int64), np.empty(len(order), np.int64), 0
    for row in order:
        same = m > 0 and keys[-1, row] <= ends[m - 1] + 1
        for k in range(keys.shape[0] - 1):
            same = same and keys[k, row] == keys[k, heads[m - 1]]
        if same:
            ends[m - 1] = max(ends[m - 1], last[row])
        else:
            heads[m], ends[m] = row, last[row]
            m += 1
    return heads[:m].copy(), ends[:m].copy()


@kernel
def average_precisions(found: Bool, annotated: int) -> Float64:
    """float64[T]: area under the envelope of precision over recall; bool[P, T], best first, `annotated` at least 1."""
    areas, envelope = np.empty(found.shape[1]), np.empty(found.shape[0])
    for t in range(found.shape[1]):
        true, highest, area = int(np.count_nonzero(found[:, t])), 0.0, 0.0
        for p in range(len(found) - 1, -1, -1):
            highest = max(highest, true / (p + 1))
            envelope[p] = highest
            true -= found[p, t]
        for p in range(len(found)):
            if found[p, t]:
                area += envelope[p]
        areas[t] = area / annotated
    return areas
