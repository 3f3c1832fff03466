"""Counts of what became of detections and annotations, by class and by unit, in one pass each."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int32, Int64, UInt64
from tasks.kernels.compile import kernel

TRUE, FALSE, IGNORED, BEYOND, MISSED, IGNORED_TRUTH = range(6)
"""Positions of the outcomes: of detections the first four, of annotations true (found), missed and ignored."""


class Found(NamedTuple):
    """Detections, and what became of those that matched; axes A area ranges, T thresholds."""

    unit: Int64
    """int64[D]"""
    category: Int32
    """int32[D]"""
    rank: Int32
    """int32[D]"""
    outside: UInt64
    """uint64[D]: bit a is set where the detection lies outside range a."""
    event: Int64
    """int64[E], ascending: detections that matched something."""
    true_positive: Bool
    """bool[E, A, T]"""
    counted: Bool
    """bool[E, A, T]: TP or FP, not ignored."""


class Known(NamedTuple):
    """Annotations, and what became of them."""

    unit: Int64
    """int64[G]"""
    category: Int32
    """int32[G]"""
    found: Bool
    """bool[G, A, T]"""
    counted: Bool
    """bool[G, A]"""


@kernel
def _count_matched(found: Found, counts: Int64) -> None:
    """Add the detections that matched something to int64[6, K, A, T], first as true, as counted and as any."""
    n_events, n_ranges, n_thresholds = found.true_positive.shape
    cells = n_ranges * n_thresholds
    true, counted = found.true_positive.reshape((n_events, cells)), found.counted.reshape((n_events, cells))
    by_class = counts.reshape((6, counts.shape[1], cells))
    every = np.zeros(counts.shape[1], np.int64)
    for e in range(n_events):
        k = found.category[found.event[e]]
        every[k] += 1
        for cell in range(cells):
            by_class[TRUE, k, cell] += true[e, cell] & counted[e, cell]
            by_class[FALSE, k, cell] += counted[e, cell]
    for k in range(len(every)):
        for cell in range(cells):
            by_class[IGNORED, k, cell] += every[k] - by_class[FALSE, k, cell]
            by_class[FALSE, k, cell] -= by_class[TRUE, k, cell]


@kernel
def _count_annotations(known: Known, counts: Int64) -> None:
    """Add the annotations to int64[6, K, A, T], first those that count as missed, then without those that are found."""
    every = np.zeros(counts.shape[1], np.int64)
    for g in range(len(known.category)):
        k = known.category[g]
        every[k] += 1
        for a in range(counts.shape[2]):
            if known.counted[g, a]:
                counts[IGNORED_TRUTH, k, a, 0] += 1
                for t in range(counts.shape[3]):
                    counts[MISSED, k, a, t] += not known.found[g, a, t]
    for k in range(len(every)):
        for a in range(counts.shape[2]):
            counts[IGNORED_TRUTH, k, a] = every[k] - counts[IGNORED_TRUTH, k, a, 0]


@kernel
def _count_unmatched(found: Found, max_detections: int, counts: Int64) -> None:
    """Add the others, which are the same at every threshold."""
    n_categories, n_ranges = counts.shape[1:3]
    inside, plain = np.zeros((n_categories, n_ranges), np.int64), np.zeros(n_categories, np.int64)
    e = 0
    for d in range(len(found.category)):
        k = found.category[d]
        if e < len(found.event) and found.event[e] == d:
            e += 1
        elif found.rank[d] >= max_detections:
            counts[BEYOND, k] += 1
        else:
            plain[k] += 1
            for a in range(n_ranges):
                inside[k, a] += ((found.outside[d] >> np.uint64(a)) & np.uint64(1)) == 0
    for k in range(n_categories):
        for a in range(n_ranges):
            counts[FALSE, k, a] += inside[k, a]
            counts[IGNORED, k, a] += plain[k] - inside[k, a]


@kernel
def count_outcomes(found: Found, known: Known, max_detections: int, n_categories: int) -> Int64:
    """int64[6, K, A, T]: how many detections and annotations of each class came to what. No rows: zeros."""
    n_ranges, n_thresholds = known.found.shape[1:]
    counts = np.zeros((6, n_categories, n_ranges, n_thresholds), np.int64)
    _count_matched(found, counts)
    _count_unmatched(found, max_detections, counts)
    _count_annotations(known, counts)
    return counts


@kernel
def count_scored(category: Int32, score: Float64, judged: Bool, lowest: Float64, n_categories: int) -> Int64:
    """int64[S, K]: detections of `judged` bool[D] with scores from each of `lowest` float64[S] on. None: zeros."""
    counts = np.zeros((len(lowest), n_categories), np.int64)
    for d in range(len(category)):
        if judged[d]:
            for s in range(len(lowest)):
                counts[s, category[d]] += score[d] >= lowest[s]
    return counts


@kernel
def count_units(
    found: Found, known: Known, similarity: Float64, max_detections: int, n_units: int
) -> tuple[Int64, Float64]:
    """(int64[4, U] true, false, missed, ignored of each unit; float64[U] sum of the true ones' similarities).

    In the first range at the first threshold; `similarity` float64[D]. Detections of rank >= `max_detections` are in no
    count. No rows: zeros.
    """
    counts, total = np.zeros((4, n_units), np.int64), np.zeros(n_units)
    e = 0
    for d in range(len(found.unit)):
        true, counted = False, (found.outside[d] & np.uint64(1)) == 0
        if e < len(found.event) and found.event[e] == d:
            true, counted = found.true_positive[e, 0, 0], found.counted[e, 0, 0]
            e += 1
        u = found.unit[d]
        if true:
            total[u] += similarity[d]
        if found.rank[d] < max_detections:
            counts[0, u] += true
            counts[1, u] += counted & (not true)
            counts[3, u] += not counted
    for g in range(len(known.unit)):
        counts[2, known.unit[g]] += known.counted[g, 0] & (not known.found[g, 0, 0])
    return counts, total
