"""Matches detections with annotations by COCO's rules, at every area range and threshold at once."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int32, Int64, UInt8, UInt64
from tasks.kernels.compile import kernel
from tasks.kernels.nearest import nearest
from tasks.kernels.pairs import Pairs
from tasks.kernels.tide import reasons


class Detections(NamedTuple):
    """Detections in group order (`group_detections`): by unit, category, score descending."""

    category: Int32
    """int32[D]"""
    rank: Int32
    """int32[D]: position by score within unit and category."""
    outside: UInt64
    """uint64[D]: bit a is set where the detection's area lies outside area range a."""


class Annotations(NamedTuple):
    """Annotations in group order (`group_annotations`): by unit."""

    category: Int32
    """int32[G]"""
    crowd: Bool
    """bool[G]: may match any number of detections."""
    outside: UInt64
    """uint64[G]: bit a is set where the annotation does not count in area range a: crowd, ignored, or area outside."""


class Matches(NamedTuple):
    """Who matched whom; axes A area ranges, T thresholds. Detections and annotations are given by sorted place."""

    rows: Int32
    """int32[N], ascending: detections that matched in some range at some threshold."""
    matched: Int32
    """int32[N, A, T]: the annotation of each, or -1."""
    true_positive: Bool
    """bool[N, A, T]: matched an annotation that counts in the range."""
    counted: Bool
    """bool[N, A, T]: TP or FP, not ignored."""
    gt_matched: Int32
    """int32[G, A, T]: the detection that found the annotation, or -1; for crowds the last of them."""
    best_similarity: Float64
    """float64[D]: highest similarity in class with an annotation that counts in range 0; NaN where there is no pair."""
    best_annotation: Int32
    """int32[D]: that annotation, the first of equals; -1 where there is none."""
    best_other_similarity: Float64
    """float64[D]: the same out of class."""
    best_other_annotation: Int32
    """int32[D]"""
    near_similarity: Float64
    """float64[G]: highest similarity of a detection of the class that takes part; NaN where there is no pair."""
    near_detection: Int32
    """int32[G]: that detection, the best scored of equals; -1 where there is none."""
    error: UInt8
    """uint8[D]: why a detection is a false positive in range 0 at threshold 0 (codes in `tide`); 0 where it is none."""


class _Rows(NamedTuple):
    """What detections matched, [N, A, T] each, or one detection's [A, T]."""

    matched: Int32
    true_positive: Bool
    counted: Bool


class _Near(NamedTuple):
    """Scratch: the annotations one detection may match."""

    annotation: Int32
    similarity: Float64


@kernel
def _find_near(d: int, pairs: Pairs, category: int, gt_category: Int32, lowest: float, near: _Near) -> int:
    """Fill `near` with the annotations of the class that some threshold lets detection d match; how many."""
    n = 0
    for pair in range(pairs.indptr[d], pairs.indptr[d + 1]):
        g = pairs.annotation[pair]
        if pairs.similarity[pair] >= lowest and gt_category[g] == category:
            near.annotation[n], near.similarity[n] = g, pairs.similarity[pair]
            n += 1
    return n


@kernel
def _in_range(outside: int, a: int) -> bool:
    return ((outside >> np.uint64(a)) & np.uint64(1)) == 0


@kernel
def _choose(near: _Near, n: int, a: int, t: int, threshold: float, truth: Annotations, gt_matched: Int32) -> int:
    """The most alike annotation that is free, the later of equals; an ignored one only if no other will do; or -1."""
    counting, ignored = -1, -1
    best_counting, best_ignored = threshold, threshold
    for i in range(n):
        g, similarity = near.annotation[i], near.similarity[i]
        if gt_matched[g, a, t] >= 0 and not truth.crowd[g]:
            continue
        if _in_range(truth.outside[g], a):
            if similarity >= best_counting:
                counting, best_counting = g, similarity
        elif similarity >= best_ignored:
            ignored, best_ignored = g, similarity
    return counting if counting >= 0 else ignored


@kernel
def _claim(
    d: int, outside: int, near: _Near, n: int, limits: Float64, truth: Annotations, gt_matched: Int32, row: _Rows
) -> bool:
    """Let detection d choose in every range at every threshold; whether it found anything. Fills its row."""
    found = False
    for a in range(row.matched.shape[0]):
        inside = _in_range(outside, a)
        for t in range(len(limits)):
            g = _choose(near, n, a, t, limits[t], truth, gt_matched)
            counts = inside
            if g >= 0:
                gt_matched[g, a, t] = d
                counts = _in_range(truth.outside[g], a)
                found = True
            row.matched[a, t] = g
            row.true_positive[a, t] = counts and g >= 0
            row.counted[a, t] = counts
    return found


@kernel
def _empty_rows(n: int, n_ranges: int, n_thresholds: int) -> _Rows:
    shape = (n, n_ranges, n_thresholds)
    return _Rows(np.empty(shape, np.int32), np.empty(shape, np.bool_), np.empty(shape, np.bool_))


@kernel
def _may_match(pairs: Pairs, takes_part: Bool, lowest: float) -> Bool:
    """bool[D]: detections with a pair near enough, in class or not: no more than these need a row."""
    near = np.zeros(len(takes_part), np.bool_)
    for d in range(len(takes_part)):
        for pair in range(pairs.indptr[d], pairs.indptr[d + 1]):
            near[d] |= takes_part[d] and pairs.similarity[pair] >= lowest
    return near


@kernel
def _match_all(
    pairs: Pairs, detections: Detections, truth: Annotations, takes_part: Bool, limits: Float64, n_ranges: int
) -> tuple[Int32, _Rows, Int32]:
    """Sorted places of the N detections that matched, their rows [N, A, T], and who found each annotation [G, A, T]."""
    may_match = _may_match(pairs, takes_part, limits.min())
    most = np.max(pairs.indptr[1:] - pairs.indptr[:-1]) if len(takes_part) else 0
    near = _Near(np.empty(most, np.int32), np.empty(most))
    numbers = np.empty(may_match.sum(), np.int32)
    rows = _empty_rows(len(numbers), n_ranges, len(limits))
    gt_matched = np.full((len(truth.category), n_ranges, len(limits)), np.int32(-1))
    n = 0
    for d in range(len(takes_part)):
        if not may_match[d]:
            continue
        n_near = _find_near(d, pairs, detections.category[d], truth.category, limits.min(), near)
        row = _Rows(rows.matched[n], rows.true_positive[n], rows.counted[n])
        if n_near and _claim(d, detections.outside[d], near, n_near, limits, truth, gt_matched, row):
            numbers[n] = d
            n += 1
    return numbers[:n], _Rows(rows.matched[:n], rows.true_positive[:n], rows.counted[:n]), gt_matched


@kernel
def match(
    indptr: Int64,
    annotation: Int32,
    similarity: Float64,
    detections: Detections,
    truth: Annotations,
    thresholds: Float64,
    n_ranges: int,
    max_detections: int,
) -> Matches:
    """Match by the rules of pycocotools 2.0.11's evaluateImg, in every unit, class, area range and threshold.

    `indptr`, `annotation`, `similarity` are the pairs (`box_pairs`), down to the lowest threshold at least, and to 0.1
    for `error` and the best. `thresholds` float64[T], at least one, count as min(t, 1 - 1e-10); `n_ranges` is at most
    64. In score order, each detection takes the most alike free annotation of its class, an ignored one only if no
    other is near enough; crowds are always free. Detections of rank >= `max_detections` take no part: they match
    nothing and are no false positives. Unlike pycocotools, id 0 is an id like any other. Without pairs: no rows.
    """
    pairs = Pairs(indptr, annotation, similarity)
    limits = np.minimum(thresholds, 1 - 1e-10)
    takes_part = detections.rank < max_detections
    rows, found, gt_matched = _match_all(pairs, detections, truth, takes_part, limits, n_ranges)
    counts = (truth.outside & np.uint64(1)) == 0
    near = nearest(pairs, detections.category, takes_part, truth.category, counts & ~truth.crowd)
    false_positive = takes_part & ((detections.outside & np.uint64(1)) == 0)
    false_positive[rows] = found.counted[:, 0, 0] & ~found.true_positive[:, 0, 0]
    taken = counts & (gt_matched[:, 0, 0] >= 0)
    error = reasons(pairs, near, false_positive, detections.category, truth.category, taken, limits[0])
    return Matches(
        rows, found.matched, found.true_positive, found.counted, gt_matched,
        near.best_similarity, near.best_annotation, near.best_other_similarity, near.best_other_annotation,
        near.near_similarity, near.near_detection, error,
    )  # fmt: skip
