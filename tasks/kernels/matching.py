"""Matches detections with annotations by COCO's rules, at every area range and threshold at once."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int32, Int64, UInt8, UInt64
from tasks.kernels.cells import Cells, all_cells
from tasks.kernels.choices import Scratch, State, choose_all, empty_state
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


class Decided(NamedTuple):
    """Who matched whom, by any rule; as in Matches."""

    rows: Int32
    matched: Int32
    true_positive: Bool
    counted: Bool
    gt_matched: Int32


@kernel
def _may_match(pairs: Pairs, detections: Detections, takes_part: Bool, gt_category: Int32, lowest: float) -> Bool:
    """bool[D]: detections near enough to an annotation of their class; no more than these need a row."""
    near = np.zeros(len(takes_part), np.bool_)
    for d in range(len(takes_part)):
        for pair in range(pairs.indptr[d], pairs.indptr[d + 1]):
            if pairs.similarity[pair] >= lowest and gt_category[pairs.annotation[pair]] == detections.category[d]:
                near[d] = takes_part[d]
    return near


@kernel
def _match_all(
    pairs: Pairs, detections: Detections, truth: Annotations, takes_part: Bool, cells: Cells
) -> tuple[Int32, State]:
    """Sorted places of the N detections that matched, and who matched whom."""
    may_match = _may_match(pairs, detections, takes_part, truth.category, cells.limits[0])
    rows = np.empty(may_match.sum(), np.int32)
    state = empty_state(len(rows), truth.outside, cells)
    most = np.max(pairs.indptr[1:] - pairs.indptr[:-1]) if len(takes_part) else 0
    scratch = Scratch(np.empty(most, np.int32), np.empty(most), np.empty(cells.ranges.shape[1], np.uint64))
    n = choose_all(
        pairs, detections.category, detections.outside, truth.category, truth.crowd, may_match, cells, state, scratch,
        rows,
    )  # fmt: skip
    return rows[:n], state


@kernel
def _explain(
    pairs: Pairs, detections: Detections, truth: Annotations, takes_part: Bool, decided: Decided, threshold: float
) -> Matches:
    """The decisions with the nearest of every detection and annotation, and the reasons at the lowest threshold."""
    rows, matched, true_positive, counted, gt_matched = decided
    counts = (truth.outside & np.uint64(1)) == 0
    near = nearest(pairs, detections.category, takes_part, truth.category, counts & ~truth.crowd)
    false_positive = takes_part & ((detections.outside & np.uint64(1)) == 0)
    false_positive[rows] = counted[:, 0, 0] & ~true_positive[:, 0, 0]
    taken = counts & (gt_matched[:, 0, 0] >= 0)
    error = reasons(pairs, near, false_positive, detections.category, truth.category, taken, threshold)
    return Matches(
        rows, matched, true_positive, counted, gt_matched,
        near.best_similarity, near.best_annotation, near.best_other_similarity, near.best_other_annotation,
        near.near_similarity, near.near_detection, error,
    )  # fmt: skip


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
    rows, state = _match_all(pairs, detections, truth, takes_part, all_cells(limits, n_ranges))
    shape = (len(rows), n_ranges, len(limits))
    decided = Decided(
        rows,
        state.matched[: len(rows)].reshape(shape),
        state.true_positive[: len(rows)].reshape(shape),
        state.counted[: len(rows)].reshape(shape),
        state.gt_matched.reshape((len(truth.category), n_ranges, len(limits))),
    )
    return _explain(pairs, detections, truth, takes_part, decided, limits[0])


@kernel
def explained(
    indptr: Int64,
    annotation: Int32,
    similarity: Float64,
    detections: Detections,
    truth: Annotations,
    decided: Decided,
    threshold: float,
    max_detections: int,
) -> Matches:
    """What was decided by another rule, with what is near and why a detection is false; arguments as in `match`.

    `threshold` is the lowest. Without pairs nothing is near.
    """
    takes_part = detections.rank < max_detections
    return _explain(Pairs(indptr, annotation, similarity), detections, truth, takes_part, decided, threshold)
