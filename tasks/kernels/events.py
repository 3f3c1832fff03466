"""Detections that matched something, in the order of the precision-recall curve, and the false positives between them.

Most detections match nothing at any threshold, and are false at every one: a count of them between one event and the
next is all a curve needs. That is exact, additive over shards, and as small as the ground truth.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int32, Int64, UInt64
from tasks.kernels.compile import kernel
from tasks.kernels.order import counting_sort
from tasks.kernels.row_order import by_one

_FEW = 8
"""Events that are gone through one by one."""
_ALL_BUT_SIGN = np.int64(2**63 - 1)


class Events(NamedTuple):
    """Detections that matched something in some area range at some threshold; axes A, T."""

    category: Int32
    """int32[E]: dense, 0..K-1."""
    score: Float64
    """float64[E]"""
    unit_order: Int64
    """int64[E]: the place of the unit among all units; decides between equal scores."""
    rank: Int32
    """int32[E]: position by score within unit and category; decides within a unit."""
    true_positive: Bool
    """bool[E, A, T]"""
    counted: Bool
    """bool[E, A, T]: TP or FP, not ignored."""


class Grid(NamedTuple):
    """Each class's scores cut into as many cells as it has events: where to look for the events of a score."""

    begin: Int32
    """int32[E+K]: where the events of each cell begin. Category k has the cells indptr[k] + k : indptr[k + 1] + k, and
    one entry more for where the last one ends."""
    per_score: Float64
    """float64[K]: cells a score; 0 where all are one cell."""


class SortedEvents(NamedTuple):
    """Events by category, score descending, unit_order, rank: the stable sort of pycocotools over ascending images."""

    indptr: Int64
    """int64[K+1]: category k has the events indptr[k]:indptr[k+1]."""
    events: Events
    grid: Grid


class Shard(NamedTuple):
    """All detections of some units, in any order."""

    category: Int32
    """int32[D]"""
    score: Float64
    """float64[D]"""
    unit_order: Int64
    """int64[D]"""
    rank: Int32
    """int32[D]"""
    outside: UInt64
    """uint64[D]: bit a is set where the detection's area lies outside area range a."""
    matched: Bool
    """bool[D]: it is an event; its outcomes are there, not here."""


class Counts(NamedTuple):
    """False positives that matched nothing, by where they fall among the events, and the best scores."""

    before: Int32
    """int32[E, M, A]: those between event e - 1 and event e of the class whose rank is in max_detections[m - 1]:[m]."""
    top_score: Float64
    """float64[K, M]: highest score of any detection, ignored ones too; -inf where there is no detection."""


class _Unmatched(NamedTuple):
    """Detections that matched nothing, of some shard, and do not rank too low: by class, else in their order."""

    indptr: Int64
    """int64[K+1]: category k has the places indptr[k]:indptr[k+1]."""
    row: Int32
    """In the shard."""
    score: Float64
    level: Int32
    """Which of the max detections is the first above the rank."""
    outside: UInt64


@kernel
def _falling(score: Float64) -> Int64:
    """int64[E] that ascends as the scores descend, and is the same for either zero."""
    key = (score + 0.0).view(np.int64)
    for e in range(len(key)):
        key[e] = ~(key[e] ^ ((key[e] >> 63) & _ALL_BUT_SIGN))
    return key


@kernel
def _event_order(
    category: Int32, score: Float64, unit_order: Int64, rank: Int32, n_categories: int
) -> tuple[Int32, Int64]:
    n = len(rank)
    order, spare = np.arange(n).astype(np.int32), np.empty(n, np.int32)
    if n:
        words, spare_words = np.empty(n, np.uint64), np.empty(n, np.uint64)
        for key in (rank.astype(np.int64), unit_order, _falling(score)):  # the last decides first
            order, spare = by_one(key, order, spare, words, spare_words)
    return counting_sort(order, category, n_categories)


@kernel
def _cell(score: float, top: float, per_score: float, n_cells: int) -> int:
    """The cell of a class's grid that a score falls into; never higher for a higher score, however it is rounded."""
    if score >= top or per_score == 0.0:
        return 0
    return int(min((top - score) * per_score, n_cells - 1.0))


@kernel
def _grid(indptr: Int64, score: Float64) -> Grid:
    n_categories = len(indptr) - 1
    begin, per_score = np.empty(len(score) + n_categories, np.int32), np.zeros(n_categories)
    for k in range(n_categories):
        start, stop = indptr[k], indptr[k + 1]
        reach = score[start] - score[stop - 1] if stop > start else 0.0
        if 0.0 < reach < np.inf:
            per_score[k] = (stop - start) / reach
            if per_score[k] == np.inf:  # scores that differ by less than any cell could
                per_score[k] = 0.0
        cell = start + k
        for e in range(start, stop):
            own = start + k + _cell(score[e], score[start], per_score[k], stop - start)
            while cell <= own:
                begin[cell] = e
                cell += 1
        begin[cell : stop + k + 1] = stop
    return Grid(begin, per_score)


def sort_events(events: Events, n_categories: int) -> SortedEvents:
    """Bring the events of all shards into the order of the curves; theirs does not matter. No events: none."""
    order, indptr = _event_order(*events[:4], n_categories)
    columns: Iterator[Any] = (column.take(order, axis=0) for column in events)
    ordered = Events(*columns)
    return SortedEvents(indptr, ordered, _grid(indptr, ordered.score))


@kernel
def _levels(max_detections: Int32, rank: Int32) -> Int64:
    """By rank, as far as there are any that take part: which of the ascending `max_detections` is the first above."""
    highest = 0
    for r in rank:
        highest = max(highest, r)
    levels = np.zeros(min(max_detections[-1], highest + 1), np.int64)  # a maximum may stand for none at all
    for most in max_detections:
        levels[most:] += 1
    return levels


@kernel
def _unmatched(shard: Shard, levels: Int64, top_score: Float64) -> _Unmatched:
    """Gather what is to be counted by class, so that what is known of one stays at hand; note the best scores.

    `levels` says it of the ranks that take part; `top_score` float64[K, M] is changed.
    """
    indptr = np.zeros(len(top_score) + 1, np.int64)
    for d in range(len(shard.rank)):
        indptr[shard.category[d] + 1] += shard.rank[d] < len(levels) and not shard.matched[d]
    for k in range(len(top_score)):
        indptr[k + 1] += indptr[k]
    place, n = indptr.copy(), indptr[-1]
    row, score = np.empty(n, np.int32), np.empty(n)
    level, outside = np.empty(n, np.int32), np.empty(n, np.uint64)
    for d in range(len(shard.rank)):
        if shard.rank[d] >= len(levels):
            continue
        k, m = shard.category[d], levels[shard.rank[d]]
        top_score[k, m] = max(top_score[k, m], shard.score[d])
        if not shard.matched[d]:
            at = place[k]
            row[at], score[at], level[at], outside[at] = d, shard.score[d], m, shard.outside[d]
            place[k] += 1
    return _Unmatched(indptr, row, score, level, outside)


@kernel
def _tied_before(unit: int, rank: int, shard: Shard, d: int) -> bool:
    """Whether an event of a unit and rank comes before detection d, whose score is the same."""
    if unit == shard.unit_order[d]:
        return bool(rank < shard.rank[d])
    return bool(unit < shard.unit_order[d])


@kernel
def _count_shard(sorted_events: SortedEvents, shard: Shard, max_detections: Int32, counts: Counts) -> None:
    """Add one shard's detections to the counts, in place.

    The search stands here and not in a function: handing it the events would cost more than what it does. A cell has
    few events, most often: they are gone through; many are halved first.
    """
    indptr, events, (begin, per_score) = sorted_events
    event_score, event_unit, event_rank = events.score, events.unit_order, events.rank
    run, row, scores, level, outside = _unmatched(shard, _levels(max_detections, shard.rank), counts.top_score)
    before = counts.before
    for k in range(len(indptr) - 1):
        start, stop = indptr[k], indptr[k + 1]
        if start == stop:
            continue
        top, lowest = event_score[start], event_score[stop - 1]
        for i in range(run[k], run[k + 1]):
            score = scores[i]
            if score < lowest:
                continue
            cell = start + k + _cell(score, top, per_score[k], stop - start)
            e, beyond = begin[cell], begin[cell + 1]  # the first event that comes after the detection is sought
            while beyond - e >= _FEW:
                middle = (e + beyond) // 2
                first = event_score[middle] > score
                if event_score[middle] == score:
                    first = _tied_before(event_unit[middle], event_rank[middle], shard, row[i])
                if first:
                    e = middle + 1
                else:
                    beyond = middle
            while e < beyond and (
                event_score[e] > score
                or (event_score[e] == score and _tied_before(event_unit[e], event_rank[e], shard, row[i]))
            ):
                e += 1
            if e < stop:
                m, apart = level[i], outside[i]
                for a in range(before.shape[2]):
                    before[e, m, a] += ((apart >> np.uint64(a)) & np.uint64(1)) == 0


def no_counts(sorted_events: SortedEvents, n_maxima: int, n_ranges: int) -> Counts:
    """Counts of 0 and scores of -inf, for M = `n_maxima` and A = `n_ranges`."""
    before = np.zeros((len(sorted_events.events.rank), n_maxima, n_ranges), np.int32)
    return Counts(before, np.full((len(sorted_events.indptr) - 1, n_maxima), -np.inf))


def count_unmatched(
    sorted_events: SortedEvents,
    shards: Iterable[Shard],
    max_detections: Int32,
    n_ranges: int,
    counts: Counts | None = None,
) -> Counts:
    """Count the detections of the shards that matched nothing, among the events of all shards.

    `max_detections` int32[M], ascending. Memory is E x M x A, whatever the number of shards: pages of it that nobody
    touched before cost more than the counting, so further shards are best added to `counts`, which is changed. To use
    several threads, give each some of the shards and add up with `add_counts`. Those after the last event of their
    class, or of a rank beyond, move no curve. No shards, or no detections: counts of 0 and scores of -inf.
    """
    counts = counts or no_counts(sorted_events, len(max_detections), n_ranges)
    for shard in shards:
        _count_shard(sorted_events, shard, max_detections, counts)
    np.maximum.accumulate(counts.top_score, axis=1, out=counts.top_score)
    return counts


def add_counts(parts: Iterable[Counts]) -> Counts:
    """The counts of disjoint shards, put together: sums, and the highest of the scores. At least one part.

    The first part is changed, and given back, unless it cannot be written to (as what came from another machine).
    """
    first, *others = parts
    before, top_score = np.require(first.before, requirements="W"), np.require(first.top_score, requirements="W")
    for part in others:
        before += part.before
        np.maximum(top_score, part.top_score, out=top_score)
    return Counts(before, top_score)
