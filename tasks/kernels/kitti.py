"""KITTI's two passes over boxes: scores of true positives, then counts at the cut-offs chosen from them.

Who takes whom depends on which detections are there, so each cut-off is matched anew. Comparisons are those of the C++
development kit (`evaluate_object`, 2017), `>` and `<` where it has them.
"""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int32, Int64, UInt64
from tasks.kernels.compile import kernel

NONE = -1
_LOWEST_SCORE = -1e7
"""Detections that score no more take no part in the first pass."""


class Scene(NamedTuple):
    """Detections and annotations of U units; classes are 0 to K - 1 among those evaluated, or NONE."""

    dt_indptr: Int64
    """int64[U+1]"""
    gt_indptr: Int64
    """int64[U+1]"""
    dt_class: Int32
    """int32[D]"""
    dt_score: Float64
    """float64[D]"""
    dt_small: UInt64
    """uint64[D]: bit a is set where the detection is too low to count at level a; then it serves any class."""
    gt_class: Int32
    """int32[G], in the order of their file: who comes first chooses first."""
    gt_neighbour: Int32
    """int32[G]: the class whose detections it may take without counting, or NONE."""
    gt_hard: UInt64
    """uint64[G]: bit a is set where the annotation is too hard for level a."""
    gt_region: Bool
    """bool[G]: not labelled inside; overlaps are shares of the detection's area."""


class ByAnnotation(NamedTuple):
    """Pairs of annotation g are indptr[g]:indptr[g+1], detections in the order of their file."""

    indptr: Int64
    """int64[G+1]"""
    detection: Int32
    overlap: Float64


class Pass(NamedTuple):
    """What one matching asks for."""

    k: int
    level: int
    overlap: float
    """Pairs must have more."""
    cut_off: float
    """Lowest score that takes part."""
    by_score: bool
    """The first pass: annotations take the best scored, not the most alike."""


class Taken(NamedTuple):
    """Who has whom, of the unit matched last."""

    by: Int32
    """int32[D]: the annotation or region that took the detection, or NONE."""
    counts: Bool
    """bool[D]: it was taken as a true positive."""


@kernel
def by_annotation(
    pair_indptr: Int64, annotation: Int32, overlap: Float64, file_order: Int64, n_gt: int
) -> ByAnnotation:
    """Pairs in CSR form by detection turned round; `file_order` int64[D] names the detections in their file's order."""
    indptr = np.zeros(n_gt + 1, np.int64)
    for g in annotation:
        indptr[g + 1] += 1
    indptr = np.cumsum(indptr)
    place = indptr[:-1].copy()
    turned = ByAnnotation(indptr, np.empty(len(annotation), np.int32), np.empty(len(annotation)))
    for d in file_order:
        for pair in range(pair_indptr[d], pair_indptr[d + 1]):
            g = annotation[pair]
            turned.detection[place[g]], turned.overlap[place[g]] = d, overlap[pair]
            place[g] += 1
    return turned


@kernel
def _has_bit(word: np.uint64, bit: int) -> bool:
    return (word >> np.uint64(bit)) & np.uint64(1) != 0


@kernel
def _choose(scene: Scene, near: ByAnnotation, g: int, asked: Pass, taken: Taken) -> int:
    """The detection that annotation g takes, or NONE."""
    best, best_is_small = NONE, False
    best_overlap, best_score = 0.0, _LOWEST_SCORE
    for pair in range(near.indptr[g], near.indptr[g + 1]):
        d, overlap = near.detection[pair], near.overlap[pair]
        small, score = _has_bit(scene.dt_small[d], asked.level), scene.dt_score[d]
        usable = (scene.dt_class[d] == asked.k or small) and taken.by[d] == NONE and score >= asked.cut_off
        if not usable or not overlap > asked.overlap:
            continue
        if asked.by_score:
            if score > best_score:
                best, best_score = d, score
        elif not small and (overlap > best_overlap or best_is_small):
            best, best_overlap, best_is_small = d, overlap, False
        elif small and best == NONE:
            best, best_is_small = d, True
    return best


@kernel
def _take_regions(scene: Scene, near: ByAnnotation, u: int, asked: Pass, taken: Taken) -> None:
    """Give detections that nobody took, and that would count, to the first region they lie in."""
    for g in range(scene.gt_indptr[u], scene.gt_indptr[u + 1]):
        if not scene.gt_region[g]:
            continue
        for pair in range(near.indptr[g], near.indptr[g + 1]):
            d = near.detection[pair]
            free = taken.by[d] == NONE and scene.dt_class[d] == asked.k and scene.dt_score[d] >= asked.cut_off
            if free and not _has_bit(scene.dt_small[d], asked.level) and near.overlap[pair] > asked.overlap:
                taken.by[d] = g


@kernel
def _match_unit(scene: Scene, near: ByAnnotation, u: int, asked: Pass, taken: Taken) -> None:
    """Let the annotations of a unit take their detections, in the order of the file."""
    for d in range(scene.dt_indptr[u], scene.dt_indptr[u + 1]):
        taken.by[d], taken.counts[d] = NONE, False
    for g in range(scene.gt_indptr[u], scene.gt_indptr[u + 1]):
        own = scene.gt_class[g] == asked.k
        if not own and scene.gt_neighbour[g] != asked.k:
            continue
        d = _choose(scene, near, g, asked, taken)
        if d != NONE:
            taken.by[d] = g
            hard = _has_bit(scene.gt_hard[g], asked.level)
            taken.counts[d] = own and not hard and not _has_bit(scene.dt_small[d], asked.level)
    if not asked.by_score:
        _take_regions(scene, near, u, asked, taken)


@kernel
def _nothing_taken(scene: Scene) -> Taken:
    return Taken(np.full(len(scene.dt_class), NONE, np.int32), np.zeros(len(scene.dt_class), np.bool_))


@kernel
def true_positive_scores(scene: Scene, near: ByAnnotation, k: int, level: int, overlap: float) -> Float64:
    """float64[n]: scores of the first pass' true positives, unit by unit. Nothing to find: none."""
    asked, taken = Pass(k, level, overlap, -np.inf, True), _nothing_taken(scene)
    for u in range(len(scene.dt_indptr) - 1):
        _match_unit(scene, near, u, asked, taken)
    return scene.dt_score[taken.counts]


@kernel
def counts_at(scene: Scene, near: ByAnnotation, k: int, level: int, overlap: float, cut_offs: Float64) -> Int64:
    """int64[C, 2]: true and false positives of the second pass at each cut-off float64[C]."""
    counts, taken = np.zeros((len(cut_offs), 2), np.int64), _nothing_taken(scene)
    for c in range(len(cut_offs)):
        asked = Pass(k, level, overlap, cut_offs[c], False)
        for u in range(len(scene.dt_indptr) - 1):
            _match_unit(scene, near, u, asked, taken)
        for d in range(len(scene.dt_class)):
            if scene.dt_class[d] == k and scene.dt_score[d] >= cut_offs[c]:
                counts[c, 0] += taken.counts[d]
                small = _has_bit(scene.dt_small[d], level)
                counts[c, 1] += taken.by[d] == NONE and not small
    return counts


@kernel
def match(scene: Scene, near: ByAnnotation, n_classes: int, n_levels: int, overlaps: Float64) -> tuple[Int32, Bool]:
    """(int32[D, A, T] the annotation or region that took each detection, or NONE; bool[D, A, T] true positives).

    The second pass without a cut-off, at A levels and T overlaps, each detection in its own class; one too low to
    count, taken in another, is free in its own.
    """
    shape = (len(scene.dt_class), n_levels, len(overlaps))
    matched, true_positive = np.full(shape, NONE, np.int32), np.zeros(shape, np.bool_)
    taken = _nothing_taken(scene)
    for k in range(n_classes):
        for a in range(n_levels):
            for t in range(len(overlaps)):
                asked = Pass(k, a, overlaps[t], -np.inf, False)
                for u in range(len(scene.dt_indptr) - 1):
                    _match_unit(scene, near, u, asked, taken)
                for d in range(len(scene.dt_class)):
                    if scene.dt_class[d] == k:
                        matched[d, a, t], true_positive[d, a, t] = taken.by[d], taken.counts[d]
    return matched, true_positive


@kernel
def cut_offs(scores: Float64, n_positive: int, steps: int) -> Float64:
    """float64[C], descending: scores at which recall comes closest to 0, 1, 2, ... `steps` times 1 / steps.

    `scores` float64[n] are those of the true positives, in any order; `n_positive` annotations must be found. C is at
    most steps + 1. No true positives: none.
    """
    best_first = -np.sort(-scores)
    chosen = np.empty(len(scores))
    recall, n = 0.0, 0
    for i in range(len(best_first)):
        last = i == len(best_first) - 1
        here, after = (i + 1) / n_positive, (i + 1 if last else i + 2) / n_positive
        if after - recall < recall - here and not last:
            continue
        chosen[n] = best_first[i]
        n += 1
        recall += 1.0 / steps
    return chosen[:n]
