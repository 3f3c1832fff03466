"""Precision and recall of every class, area range, threshold and number of detections, as pycocotools accumulates."""

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Float64, Int32, Int64
from tasks.kernels.compile import kernel
from tasks.kernels.events import Counts, Events, SortedEvents

_SHARES = 16
"""Of the classes: more than there are threads on most machines, as some take longer than others."""


class Curves(NamedTuple):
    """Axes T thresholds, R recall points, K categories, A area ranges, M max detections. -1: no positives."""

    precision: Float64
    """float64[T, R, K, A, M]: highest precision at the recall point or beyond; 0 where it is not reached."""
    recall: Float64
    """float64[T, K, A, M]: at the end."""
    scores: Float64
    """float64[T, R, K, A, M]: score at which the recall point is reached; 0 where it is not."""


class Counted(NamedTuple):
    """What stands at the c-th true positive of one class, range and maximum; E is at most the events of the class."""

    counted: Int64
    """int64[T, E]: true and false positives up to there."""
    score: Float64
    """float64[T, E]"""
    n: Int64
    """int64[T]: how many true positives there are."""


class _Curve(NamedTuple):
    """Precision and score at the c-th true positive, [T, one more than a class has events], and how many, [T]."""

    precision: Float64
    score: Float64
    n: Int64


@kernel
def _first_reaching(recall_points: Float64, n_positive: int) -> Int64:
    """int64[R]: how many true positives reach each recall point, comparing count / n_positive as floats."""
    needed = np.zeros(len(recall_points), np.int64)
    for r in range(len(recall_points)):
        count = max(int(recall_points[r] * n_positive) - 1, 0)
        while count / n_positive < recall_points[r]:
            count += 1
        needed[r] = count
    return needed


@kernel
def _telling(events: Events, first: int, last: int, a: int) -> Int32:
    """The events first:last that are true or false in range a at some threshold, ascending."""
    places, n = np.empty(last - first, np.int32), 0
    for e in range(first, last):
        says = False
        for t in range(events.counted.shape[2]):
            says |= events.counted[e, a, t] | events.true_positive[e, a, t]
        places[n] = e
        n += says
    return places[:n]


@kernel
def _unmatched_up_to(before: Int32, first: int, last: int, a: int, m: int) -> Int64:
    """int64[last - first]: false positives that matched nothing, up to each event."""
    up_to, so_far = np.empty(last - first, np.int64), 0
    for e in range(first, last):
        for lower in range(m + 1):
            so_far += before[e, lower, a]
        up_to[e - first] = so_far
    return up_to


@kernel
def _walk(events: Events, telling: Int32, unmatched: Int64, first: int, a: int, limit: int, curve: _Curve) -> None:
    """Fill `curve` by walking the events of a class, which begin at `first`, in order: precision at every true
    positive.

    What stands there of an event that is none is written over: whether it is one cannot be foretold, and branches that
    are cost more than dividing.
    """
    false_positives = np.zeros(len(curve.n), np.int64)
    curve.n[:] = 0
    for e in telling:
        if events.rank[e] >= limit:
            continue
        for t in range(len(curve.n)):
            true, n = events.true_positive[e, a, t], curve.n[t]
            all_counted = float(false_positives[t] + unmatched[e - first]) + float(n + 1) + 2.0**-52
            curve.score[t, n] = events.score[e]
            curve.precision[t, n] = (n + 1) / all_counted
            curve.n[t] = n + true
            false_positives[t] += events.counted[e, a, t] & ~true


@kernel
def counted_at(
    sorted_events: SortedEvents, before: Int32, k: int, a: int, m: int, max_detections: Int32, n_thresholds: int
) -> Counted:
    """Counts at every true positive of class k in range a among `max_detections[m]`, for rules other than COCO's.

    `before` is that of `Counts`. No true positives: n of 0.
    """
    indptr, events = sorted_events.indptr, sorted_events.events
    most = indptr[k + 1] - indptr[k]
    found = Counted(
        np.zeros((n_thresholds, most), np.int64), np.zeros((n_thresholds, most)), np.zeros(n_thresholds, np.int64)
    )
    false_positives = np.zeros(n_thresholds, np.int64)
    unmatched = 0
    for e in range(indptr[k], indptr[k + 1]):
        for lower in range(m + 1):
            unmatched += before[e, lower, a]
        if events.rank[e] >= max_detections[m]:
            continue
        for t in range(n_thresholds):
            if events.true_positive[e, a, t]:
                found.counted[t, found.n[t]] = found.n[t] + 1 + false_positives[t] + unmatched
                found.score[t, found.n[t]] = events.score[e]
                found.n[t] += 1
            else:
                false_positives[t] += events.counted[e, a, t]
    return found


@kernel
def _sample(curve: _Curve, t: int, needed: Int64, top_score: float, precision: Float64, scores: Float64) -> None:
    """Highest precision [R] at each recall point or beyond, and the score there; 0 from the first not reached on.

    A recall of 0 is reached by the very first detection, whether it counts or is ignored.
    """
    n, reached = curve.n[t], 0
    while top_score > -np.inf and reached < len(needed) and needed[reached] <= n:
        reached += 1
    precision[reached:], scores[reached:] = 0, 0
    highest, i = 0.0, n
    for r in range(reached - 1, -1, -1):
        at = needed[r]
        while i >= max(at, 1):
            i -= 1
            if curve.precision[t, i] > highest:
                highest = curve.precision[t, i]
        precision[r] = highest
        scores[r] = curve.score[t, at - 1] if at > 0 else top_score


@kernel
def _tells_nothing_more(
    events: Events, counts: Counts, telling: Int32, places: tuple[int, int, int, int], m: int, max_detections: Int32
) -> bool:
    """Whether the detections that `max_detections[m]` lets in beyond the maximum before it change no curve.

    `places`: class, its first event, the one after its last, and the range.
    """
    k, first, last, a = places
    if m == 0 or counts.top_score[k, m] != counts.top_score[k, m - 1]:
        return False
    for e in telling:
        if max_detections[m - 1] <= events.rank[e] < max_detections[m]:
            return False
    more = 0
    for e in range(first, last):
        more += counts.before[e, m, a]
    return more == 0


@kernel
def _longest(indptr: Int64, first: int, last: int) -> int:
    most = 0
    for k in range(first, last):
        most = max(most, indptr[k + 1] - indptr[k])
    return most


@kernel
def _curves_of(
    first: int,
    last: int,
    sorted_events: SortedEvents,
    counts: Counts,
    n_positive: Int64,
    recall_points: Float64,
    max_detections: Int32,
    found: Curves,
) -> None:
    """Fill the curves of classes first:last, here with axes [K, A, M, T, R], recall [K, A, M, T]."""
    n_thresholds = found.recall.shape[3]
    indptr, events = sorted_events.indptr, sorted_events.events
    most = _longest(indptr, first, last) + 1
    curve = _Curve(np.empty((n_thresholds, most)), np.empty((n_thresholds, most)), np.zeros(n_thresholds, np.int64))
    for k in range(first, last):
        start, stop = indptr[k], indptr[k + 1]
        for a in range(n_positive.shape[1]):
            if n_positive[k, a] == 0:
                found.precision[k, a], found.recall[k, a], found.scores[k, a] = -1.0, -1.0, -1.0
                continue
            needed = _first_reaching(recall_points, n_positive[k, a])
            telling = _telling(events, start, stop, a)
            for m in range(len(max_detections)):
                if _tells_nothing_more(events, counts, telling, (k, start, stop, a), m, max_detections):
                    found.precision[k, a, m] = found.precision[k, a, m - 1]
                    found.recall[k, a, m], found.scores[k, a, m] = found.recall[k, a, m - 1], found.scores[k, a, m - 1]
                    continue
                unmatched = _unmatched_up_to(counts.before, start, stop, a, m)
                _walk(events, telling, unmatched, start, a, max_detections[m], curve)
                for t in range(n_thresholds):
                    found.recall[k, a, m, t] = curve.n[t] / n_positive[k, a]
                    precision, scores = found.precision[k, a, m, t], found.scores[k, a, m, t]
                    _sample(curve, t, needed, counts.top_score[k, m], precision, scores)


def _alike(indptr: Int64, shares: int) -> Iterator[tuple[int, int]]:
    """(first, last) of neighbouring classes, as many events in each share as can be."""
    ends = np.searchsorted(indptr[1:], np.linspace(0, indptr[-1], shares + 1)[1:-1]) + 1
    yield from pairwise(np.unique(np.clip([0, *ends, len(indptr) - 1], 0, len(indptr) - 1)).tolist())


def finish(
    sorted_events: SortedEvents,
    counts: Counts,
    n_positive: Int64,
    n_thresholds: int,
    recall_points: Float64,
    max_detections: Int32,
    each: Callable[[Callable[[tuple[int, int]], None], Iterable[tuple[int, int]]], Iterable[None]] = map,
) -> Curves:
    """Precision, recall and scores, bit-equal to pycocotools 2.0.11's accumulate.

    `n_positive` int64[K, A]: annotations that count; `recall_points` float64[R] ascending; `max_detections` int32[M]
    ascending. `each` goes through shares of the classes: in turn, or over threads. A class without positives is -1
    throughout; one with positives and no detections has recall 0.
    """
    shape = (*n_positive.shape, len(max_detections), n_thresholds)
    curves = (*shape, len(recall_points))
    found = Curves(np.empty(curves), np.empty(shape), np.empty(curves))

    def fill(classes: tuple[int, int]) -> None:
        _curves_of(*classes, sorted_events, counts, n_positive, recall_points, max_detections, found)

    for _ in each(fill, _alike(sorted_events.indptr, _SHARES)):
        pass
    axes = (3, 4, 0, 1, 2)
    return Curves(found.precision.transpose(axes), found.recall.transpose(3, 0, 1, 2), found.scores.transpose(axes))
