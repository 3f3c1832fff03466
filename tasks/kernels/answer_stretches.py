"""Answers over ranges of frames: stretches over which nothing changes, and how both sides agree on them."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int64
from tasks.kernels.compile import kernel
from tasks.kernels.sorting import sort_ascending

_DENSE = 8
"""Frames to a row up to which marking every frame is faster than sorting the rows' ends."""


UNSCORED = np.iinfo(np.int64).max
"""Stands for no score, which comes last."""


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
def _near(first: Int64, last: Int64, low: int, bound: Int64, place: Int64, begin: Int64, end: Int64) -> int:
    """As `_bounds`, by marking frames from `low`; `place` is 0 for each of them, and is left so."""
    for i in range(len(first)):
        place[first[i] - low] = place[last[i] + 1 - low] = 1
    n = 0
    for frame in range(len(place)):
        if place[frame]:
            bound[n], place[frame] = low + frame, n
            n += 1
    for i in range(len(first)):
        begin[i], end[i] = place[first[i] - low], place[last[i] + 1 - low]
    place[:] = 0
    return n


@kernel
def _far(first: Int64, last: Int64, bound: Int64, begin: Int64, end: Int64) -> int:
    """As `_bounds`, by sorting."""
    for i in range(len(first)):
        bound[2 * i], bound[2 * i + 1] = first[i], last[i] + 1
    sort_ascending(bound, 0, 2 * len(first))
    n = 1
    for k in range(1, 2 * len(first)):
        if bound[k] != bound[n - 1]:
            bound[n] = bound[k]
            n += 1
    for i in range(len(first)):
        begin[i] = np.searchsorted(bound[:n], first[i])
        end[i] = np.searchsorted(bound[:n], last[i] + 1)
    return n


@kernel
def _bounds(first: Int64, last: Int64, bound: Int64, place: Int64, begin: Int64, end: Int64) -> int:
    """Write where a row begins or has ended, ascending, each once, and the places of both ends of every row there.

    Returns how many bounds there are.
    """
    low, high = first[0], last[0]
    for i in range(1, len(first)):
        low, high = min(low, first[i]), max(high, last[i])
    if high + 2 - low <= _DENSE * len(first):
        return _near(first, last, low, bound, place[: high + 2 - low], begin, end)
    return _far(first, last, bound, begin, end)


@kernel
def _held(begin: Int64, end: Int64, n: int, count: Int64) -> int:
    """Count the rows that hold from each of n bounds to the next; return the sum."""
    count[:n] = 0
    total = 0
    for i in range(len(begin)):
        count[begin[i]] += 1
        count[end[i]] -= 1
        total += end[i] - begin[i]
    for k in range(1, n):
        count[k] += count[k - 1]
    return total


@kernel
def _group_end(group: Int64, start: int) -> int:
    stop = start + 1
    while stop < len(group) and group[stop] == group[start]:
        stop += 1
    return stop


@kernel
def _largest(group: Int64) -> int:
    """Rows of the largest group."""
    largest, start = 0, 0
    while start < len(group):
        stop = _group_end(group, start)
        largest, start = max(largest, stop - start), stop
    return largest


@kernel
def _with_room(values: Int64, size: int) -> Int64:
    """The values, moved where they have no room for so many."""
    if size <= len(values):
        return values
    grown = np.empty(2 * size, np.int64)
    grown[: len(values)] = values
    return grown


@kernel
def sweep(group: Int64, first: Int64, last: Int64) -> Stretches:
    """Cut n rows, by ascending group, wherever one of the group begins or ends; `last` is inclusive.

    int64[n] each. Frames that no row holds on are in no stretch. Nothing in, nothing out. Work and memory grow with
    rows times the stretches they hold on.
    """
    n, largest = len(group), _largest(group)
    bound, place = np.empty(2 * largest, np.int64), np.zeros(_DENSE * largest, np.int64)
    begin, end, count = np.empty(largest, np.int64), np.empty(largest, np.int64), np.empty(2 * largest, np.int64)
    from_frame, to_frame = np.empty(2 * n, np.int64), np.empty(2 * n, np.int64)  # a row begins and ends one at most
    indptr, out = np.zeros(2 * n + 1, np.int64), np.empty(2 * n, np.int64)
    s, filled, start = 0, 0, 0
    while start < n:
        stop, alike = start + 1, True
        while stop < n and group[stop] == group[start]:
            alike &= first[stop] == first[start] and last[stop] == last[start]
            stop += 1
        rows = stop - start
        if alike:
            out = _with_room(out, filled + rows) if filled + rows > len(out) else out
            for i in range(rows):
                out[filled + i] = start + i
            from_frame[s], to_frame[s], filled, s = first[start], last[start], filled + rows, s + 1
            indptr[s], start = filled, stop
            continue
        bounds = _bounds(first[start:stop], last[start:stop], bound, place, begin[:rows], end[:rows])
        out = _with_room(out, filled + _held(begin[:rows], end[:rows], bounds, count))
        for k in range(bounds):
            if count[k] > 0:
                from_frame[s], to_frame[s] = bound[k], bound[k + 1] - 1
                filled, count[k] = filled + count[k], filled
                s += 1
                indptr[s] = filled
        for i in range(rows):
            for k in range(begin[i], end[i]):
                out[count[k]] = start + i
                count[k] += 1
        start = stop
    return Stretches(from_frame[:s].copy(), to_frame[:s].copy(), indptr[: s + 1].copy(), out[:filled].copy())


class _Held(NamedTuple):
    """Room for the rows of a stretch of one side, best first."""

    row: Int64
    falling: Int64
    """Ascends as scores fall."""
    option: Int64


@kernel
def _room(rows: int) -> _Held:
    return _Held(np.empty(rows, np.int64), np.empty(rows, np.int64), np.empty(rows, np.int64))


@kernel
def falling_keys(score: Float64) -> Int64:
    """int64[n]: whole numbers that ascend as scores (float64[n]) fall, equal where they are; of NaN UNSCORED.

    No scores: none.
    """
    falling = (score + 0.0).view(np.int64)  # no negative zeros
    for k in range(len(score)):
        bits = falling[k]
        falling[k] = UNSCORED if np.isnan(score[k]) else ~(bits ^ UNSCORED if bits < 0 else bits)
    return falling


@kernel
def _insert(held: _Held, count: int, row: int, falling: int, option: int) -> int:
    """Put a row in its place among `count`, unless a better one of its option is there; return how many there are."""
    place, same = 0, -1
    for k in range(count):  # all of them: a jump that nobody foresees costs more than some that are not needed
        place += (held.falling[k] < falling) | ((held.falling[k] == falling) & (held.option[k] < option))
        same = k if held.option[k] == option else same
    if same >= 0 and falling >= held.falling[same]:
        return count
    for k in range(count if same < 0 else same, place, -1):
        held.row[k], held.falling[k], held.option[k] = held.row[k - 1], held.falling[k - 1], held.option[k - 1]
    held.row[place], held.falling[place], held.option[place] = row, falling, option
    return count + (same < 0)


@kernel
def arrange(indptr: Int64, row: Int64, predicted: Bool, option: Int64, score: Float64) -> Arranged:
    """The rows of S stretches (indptr int64[S+1]) by side; `predicted` bool[n], option int64[n], score float64[n].

    Scores of annotated rows are NaN. No stretches: none.
    """
    largest = np.diff(indptr).max() if len(indptr) > 1 else 0
    falling, ours, theirs = falling_keys(score), _room(largest), _room(largest)
    annotated_indptr, predicted_indptr = np.zeros(len(indptr), np.int64), np.zeros(len(indptr), np.int64)
    annotated, found = np.empty(len(row), np.int64), np.empty(len(row), np.int64)
    a, p = 0, 0
    for s in range(len(indptr) - 1):
        known, given = 0, 0
        for k in range(indptr[s], indptr[s + 1]):
            each = row[k]
            if predicted[each]:
                given = _insert(theirs, given, each, falling[each], option[each])
            else:
                known = _insert(ours, known, each, falling[each], option[each])
        for k in range(known):
            annotated[a + k] = ours.row[k]
        for k in range(given):
            found[p + k] = theirs.row[k]
        a, p = a + known, p + given
        annotated_indptr[s + 1], predicted_indptr[s + 1] = a, p
    return Arranged(annotated_indptr, annotated[:a].copy(), predicted_indptr, found[:p].copy())


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
