"""Matching in which each detection looks at its best annotation alone, as Pascal VOC and Encord Active do."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int32, Int64, UInt64
from tasks.kernels.compile import kernel

NONE = -1


class BestMatches(NamedTuple):
    """Who matched whom; axes A area ranges, T thresholds."""

    rows: Int32
    """int32[N], ascending: detections whose best annotation they match in some range at some threshold."""
    matched: Int32
    """int32[N, A, T]: the annotation of each, or NONE."""
    true_positive: Bool
    """bool[N, A, T]"""
    counted: Bool
    """bool[N, A, T]: TP or FP; a detection whose best annotation is ignored is neither."""
    gt_matched: Int32
    """int32[G, A, T]: the detection that found the annotation, or NONE."""


@kernel
def _best(
    start: int, stop: int, annotation: Int32, similarity: Float64, category: int, gt_category: Int32, absent: Bool
) -> tuple[int, float]:
    """The most alike annotation of the class, the first of equals, and how alike; NONE where none overlaps."""
    best, highest = NONE, 0.0
    for pair in range(start, stop):
        g = annotation[pair]
        if gt_category[g] == category and not absent[g] and similarity[pair] > highest:
            best, highest = g, similarity[pair]
    return best, highest


def taking_part(category: Int32, rank: Int32, most: int) -> Int32:
    """int32[D]: the classes of detections that rank below `most`; NONE for the others, which then match nothing."""
    return np.where(rank < most, category, np.int32(NONE))


@kernel
def match_best(
    indptr: Int64,
    annotation: Int32,
    similarity: Float64,
    category: Int32,
    outside: UInt64,
    gt_category: Int32,
    gt_ignored: UInt64,
    absent: Bool,
    thresholds: Float64,
    n_ranges: int,
) -> BestMatches:
    """Match detections in group order (by unit, class, score descending), so that the best scored comes first.

    A detection matches its best annotation at every threshold the similarity reaches (>=), if no better scored one has
    done so. Pairs `indptr` int64[D+1], `annotation` int32[N] ascending, `similarity` float64[N]; `category` int32[D],
    `gt_category` int32[G]; `outside` uint64[D], `gt_ignored` uint64[G] by bits of ranges; `absent` bool[G]: plays no
    part; `thresholds` float64[T]. No detections or annotations: no matches.
    """
    n_dt, n_gt = len(category), len(gt_category)
    shape = (n_dt, n_ranges, len(thresholds))
    matched, gt_matched = np.full(shape, NONE, np.int32), np.full((n_gt, n_ranges, len(thresholds)), NONE, np.int32)
    true_positive, counted = np.zeros(shape, np.bool_), np.ones(shape, np.bool_)
    touched = np.zeros(n_dt, np.bool_)
    for d in range(n_dt):
        g, alike = _best(indptr[d], indptr[d + 1], annotation, similarity, category[d], gt_category, absent)
        for a in range(n_ranges):
            beyond = (outside[d] >> np.uint64(a)) & np.uint64(1) != 0
            for t in range(len(thresholds)):
                counted[d, a, t] = not beyond
                if g == NONE or alike < thresholds[t]:
                    continue
                if (gt_ignored[g] >> np.uint64(a)) & np.uint64(1) != 0:
                    matched[d, a, t], counted[d, a, t], touched[d] = g, False, True
                elif gt_matched[g, a, t] == NONE:
                    matched[d, a, t], gt_matched[g, a, t] = g, d
                    true_positive[d, a, t], counted[d, a, t], touched[d] = True, True, True
    rows = np.flatnonzero(touched).astype(np.int32)
    return BestMatches(rows, matched[rows], true_positive[rows], counted[rows], gt_matched)
