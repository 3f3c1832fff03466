"""Answers over ranges of frames: stretches over which nothing changes, and how both sides agree on them."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int64
from tasks.kernels.compile import kernel


class Stretches(NamedTuple):
    """S stretches, by group and then frame; each has the rows that hold on all its frames, at least one."""

    first: Int64
    """int64[S]"""
    last: Int64
    """int64[S], inclusive."""
    indptr: Int64
    """int64[S+1]: the rows of stretch s are row[indptr[s]:indptr[s+1]]."""
    row: Int64


class Arranged(NamedTuple):
    """What each of S stretches holds of either side, every option once."""

    annotated_indptr: Int64
    """int64[S+1]"""
    annotated_row: Int64
    """By ascending option."""
    predicted_indptr: Int64
    predicted_row: Int64
    """By falling score, those without one last; then by ascending option."""


class Agreement(NamedTuple):
    """How two lists of options agree on each of S stretches."""

    common: Int64
    """int64[S]: options in both."""
    place: Int64
    """int64[S]: place of the first annotated option among the predicted ones; -1 where it is not there."""
    hit: Bool
    """bool[P]: whether each predicted option is annotated."""


@kernel
def _bounds(first: Int64, last: Int64, start: int, stop: int, bound: Int64) -> int:
    """Write where something begins or has ended, ascending, each once; return how many there are."""
    same = True
    for row in range(start, stop):
        bound[2 * (row - start)], bound[2 * (row - start) + 1] = first[row], last[row] + 1
        same &= first[row] == first[start] and last[row] == last[start]
    if same:
        return 2
    bound[: 2 * (stop - start)].sort()
    n = 1
    for k in range(1, 2 * (stop - start)):
        if bound[k] != bound[n - 1]:
            bound[n] = bound[k]
            n += 1
    return n


@kernel
def _cover(first: Int64, last: Int64, start: int, stop: int, bound: Int64, n: int, begin: Int64, count: Int64) -> int:
    """Count the rows that hold from each of n bounds to the next; `begin` is where each row begins. Returns the sum."""
    count[:n] = 0
    total = 0
    for row in range(start, stop):
        k = int(np.searchsorted(bound[:n], first[row]))
        begin[row - start] = k
        while bound[k] <= last[row]:
            count[k] += 1
            total += 1
            k += 1
    return total


@kernel
def _group_end(group: Int64, start: int) -> int:
    stop = start + 1
    while stop < len(group) and group[stop] == group[start]:
        stop += 1
    return stop


@kernel
def _sizes(group: Int64, first: Int64, last: Int64) -> tuple[int, int, int]:
    """(rows of the largest group, stretches, rows of all stretches)."""
    largest, start = 0, 0
    while start < len(group):
        stop = _group_end(group, start)
        largest, start = max(largest, stop - start), stop
    bound, begin, count = np.empty(2 * largest, np.int64), np.empty(largest, np.int64), np.empty(2 * largest, np.int64)
    stretches, total, start = 0, 0, 0
    while start < len(group):
        stop = _group_end(group, start)
        n = _bounds(first, last, start, stop, bound)
        total += _cover(first, last, start, stop, bound, n, begin, count)
        stretches += int(np.count_nonzero(count[:n]))
        start = stop
    return largest, stretches, total


@kernel
def sweep(group: Int64, first: Int64, last: Int64) -> Stretches:
    """Cut n rows, by ascending group, wherever one of the group begins or ends; `last` is inclusive.

    int64[n] each. Frames that no row holds on are in no stretch. Nothing in, nothing out. Work and memory grow with
    rows times the stretches they hold on.
    """
    largest, stretches, total = _sizes(group, first, last)
    bound, begin, count = np.empty(2 * largest, np.int64), np.empty(largest, np.int64), np.empty(2 * largest, np.int64)
    from_frame, to_frame = np.empty(stretches, np.int64), np.empty(stretches, np.int64)
    indptr, out = np.zeros(stretches + 1, np.int64), np.empty(total, np.int64)
    s, filled, start = 0, 0, 0
    while start < len(group):
        stop = _group_end(group, start)
        n = _bounds(first, last, start, stop, bound)
        _cover(first, last, start, stop, bound, n, begin, count)
        for k in range(n):
            if count[k] > 0:
                from_frame[s], to_frame[s] = bound[k], bound[k + 1] - 1
                filled, count[k] = filled + count[k], filled
                s += 1
                indptr[s] = filled
        for row in range(start, stop):
            k = begin[row - start]
            while bound[k] <= last[row]:
                out[count[k]] = row
                count[k] += 1
                k += 1
        start = stop
    return Stretches(from_frame, to_frame, indptr, out)


@kernel
def _better(a: int, b: int, option: Int64, score: Float64) -> bool:
    """Whether row a comes before row b: by falling score (NaN last), then ascending option."""
    if score[a] != score[b] and not (np.isnan(score[a]) and np.isnan(score[b])):
        return bool(score[a] > score[b] or np.isnan(score[b]))
    return bool(option[a] < option[b])


@kernel
def _insert(out: Int64, start: int, stop: int, row: int, option: Int64, score: Float64) -> int:
    """Put a row in its place among out[start:stop], unless a better one of its option is there; return the new end."""
    for k in range(start, stop):
        if option[out[k]] == option[row]:
            if not _better(row, out[k], option, score):
                return stop
            for later in range(k, stop - 1):
                out[later] = out[later + 1]
            stop -= 1
            break
    k = stop
    while k > start and _better(row, out[k - 1], option, score):
        out[k] = out[k - 1]
        k -= 1
    out[k] = row
    return stop + 1


@kernel
def arrange(indptr: Int64, row: Int64, predicted: Bool, option: Int64, score: Float64) -> Arranged:
    """The rows of S stretches (indptr int64[S+1]) by side; `predicted` bool[n], option int64[n], score float64[n].

    Scores of annotated rows are NaN. No stretches: none.
    """
    ends = (np.zeros(len(indptr), np.int64), np.zeros(len(indptr), np.int64))
    annotated, found = np.empty(len(row), np.int64), np.empty(len(row), np.int64)
    for s in range(len(indptr) - 1):
        ours, theirs = ends[0][s], ends[1][s]
        for k in range(indptr[s], indptr[s + 1]):
            if predicted[row[k]]:
                theirs = _insert(found, ends[1][s], theirs, row[k], option, score)
            else:
                ours = _insert(annotated, ends[0][s], ours, row[k], option, score)
        ends[0][s + 1], ends[1][s + 1] = ours, theirs
    return Arranged(ends[0], annotated[: ends[0][-1]].copy(), ends[1], found[: ends[1][-1]].copy())


@kernel
def agree(annotated_indptr: Int64, annotated: Int64, predicted_indptr: Int64, predicted: Int64) -> Agreement:
    """Compare the options of S stretches, int64 lists in CSR form; no option twice in a list. No stretches: none."""
    stretches = len(annotated_indptr) - 1
    common, place = np.zeros(stretches, np.int64), np.full(stretches, -1, np.int64)
    hit = np.zeros(len(predicted), np.bool_)
    for s in range(stretches):
        start = annotated_indptr[s]
        for k in range(predicted_indptr[s], predicted_indptr[s + 1]):
            for m in range(start, annotated_indptr[s + 1]):
                hit[k] |= annotated[m] == predicted[k]
            common[s] += hit[k]
            if start < annotated_indptr[s + 1] and annotated[start] == predicted[k]:
                place[s] = k - predicted_indptr[s]
    return Agreement(common, place, hit)
