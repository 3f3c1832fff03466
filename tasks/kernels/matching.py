"""Matches detections with annotations by COCO's rules, at every area range and threshold at once."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int32, Int64, UInt8, UInt64
from tasks.kernels.cells import Cells, all_cells, cells_inside
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


class _Near(NamedTuple):
    """Scratch: the annotations one detection may match, the most alike first, of equals the later."""

    annotation: Int32
    similarity: Float64


class _State(NamedTuple):
    """What is matched so far; C = A x T cells, in the order of their bits."""

    counting: UInt64
    """uint64[G, W]: cells in which the annotation counts; in the others it is ignored."""
    taken: UInt64
    """uint64[G, W]: cells in which it is matched; crowds are free all the same."""
    gt_matched: Int32
    """int32[G, C]"""
    matched: Int32
    """int32[N, C]"""
    true_positive: Bool
    """bool[N, C]"""
    counted: Bool
    """bool[N, C]"""


@kernel
def _find_near(d: int, pairs: Pairs, category: int, gt_category: Int32, lowest: float, near: _Near) -> int:
    """Fill `near` with the annotations of the class that some threshold lets detection d match; how many."""
    n = 0
    for pair in range(pairs.indptr[d], pairs.indptr[d + 1]):
        g, similarity = pairs.annotation[pair], pairs.similarity[pair]
        if similarity >= lowest and gt_category[g] == category:
            i = n
            while i > 0 and near.similarity[i - 1] <= similarity:
                near.annotation[i], near.similarity[i] = near.annotation[i - 1], near.similarity[i - 1]
                i -= 1
            near.annotation[i], near.similarity[i] = g, similarity
            n += 1
    return n


@kernel
def _begin_row(row: int, outside: int, n_ranges: int, state: _State) -> None:
    """Nothing matched yet: false in the ranges its area lies in, ignored in the others."""
    state.matched[row] = -1
    state.true_positive[row] = False
    n_thresholds = state.matched.shape[1] // n_ranges
    for a in range(n_ranges):
        inside = not (outside >> np.uint64(a)) & np.uint64(1)
        state.counted[row, a * n_thresholds : (a + 1) * n_thresholds] = inside


@kernel
def _take(d: int, row: int, g: int, word: int, bits: int, counts: bool, state: _State) -> None:
    """Detection d takes annotation g in the cells `bits` of a word."""
    state.taken[g, word] |= bits
    for c in range(64 * word, min(64 * word + 64, state.matched.shape[1])):
        if (bits >> np.uint64(c % 64)) & np.uint64(1):
            state.gt_matched[g, c] = d
            state.matched[row, c] = g
            state.true_positive[row, c] = counts
            state.counted[row, c] = counts


@kernel
def _free(g: int, word: int, counts: bool, crowd: Bool, state: _State) -> int:
    """The cells of a word in which annotation g counts (or is ignored) and may still be matched."""
    cells = state.counting[g, word] if counts else ~state.counting[g, word]
    return cells if crowd[g] else cells & ~state.taken[g, word]


@kernel
def _level(limits: Float64, similarity: float) -> int:
    """How many of the ascending limits the similarity reaches."""
    level = 0
    for limit in limits:
        level += similarity >= limit
    return level


@kernel
def _choose_among(
    d: int, row: int, near: _Near, n: int, cells: Cells, counts: bool, crowd: Bool, left: UInt64, state: _State
) -> bool:
    """Let detection d choose in the cells that are `left` uint64[W], among annotations that count, or are ignored.

    The most alike takes all cells that it is near enough for and free in, the next what is left. Whether any did.
    """
    found = False
    for i in range(n):
        g = near.annotation[i]
        level = _level(cells.limits, near.similarity[i])
        for word in range(len(left)):
            bits = cells.reached[level, word] & left[word] & _free(g, word, counts, crowd, state)
            if bits:
                left[word] &= ~bits
                _take(d, row, g, word, bits, counts, state)
                found = True
    return found


@kernel
def _choose(d: int, row: int, near: _Near, n: int, cells: Cells, crowd: Bool, left: UInt64, state: _State) -> bool:
    """Let detection d choose in every cell, ignored annotations only where no other will do; whether it found any."""
    left[:] = ~np.uint64(0)
    found = _choose_among(d, row, near, n, cells, True, crowd, left, state)
    return _choose_among(d, row, near, n, cells, False, crowd, left, state) or found


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
def _empty_state(n_rows: int, outside: UInt64, cells: Cells) -> _State:
    counting = cells_inside(outside, cells)
    n_cells = len(cells.ranges) * len(cells.limits)
    return _State(
        counting,
        np.zeros_like(counting),
        np.full((len(outside), n_cells), np.int32(-1)),
        np.empty((n_rows, n_cells), np.int32),
        np.empty((n_rows, n_cells), np.bool_),
        np.empty((n_rows, n_cells), np.bool_),
    )


@kernel
def _match_all(
    pairs: Pairs, detections: Detections, truth: Annotations, takes_part: Bool, cells: Cells
) -> tuple[Int32, _State]:
    """Sorted places of the N detections that matched, and who matched whom."""
    lowest = cells.limits[0]
    may_match = _may_match(pairs, detections, takes_part, truth.category, lowest)
    rows = np.empty(may_match.sum(), np.int32)
    state = _empty_state(len(rows), truth.outside, cells)
    most = np.max(pairs.indptr[1:] - pairs.indptr[:-1]) if len(takes_part) else 0
    near = _Near(np.empty(most, np.int32), np.empty(most))
    left = np.empty(cells.ranges.shape[1], np.uint64)
    n = 0
    for d in range(len(takes_part)):
        if not may_match[d]:
            continue
        n_near = _find_near(d, pairs, detections.category[d], truth.category, lowest, near)
        _begin_row(n, detections.outside[d], len(cells.ranges), state)
        if _choose(d, n, near, n_near, cells, truth.crowd, left, state):
            rows[n] = d
            n += 1
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
