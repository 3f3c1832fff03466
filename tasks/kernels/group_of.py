"""Matching where one annotation may stand for a group of objects, as in Open Images."""

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int32, Int64, UInt64
from tasks.kernels.best_match import NONE, BestMatches
from tasks.kernels.compile import kernel


@kernel
def _single(
    start: int, stop: int, annotation: Int32, similarity: Float64, category: int, gt_category: Int32, group: Bool,
    ignored: UInt64, gt_matched: Int32, a: int, t: int, threshold: float,
) -> int:  # fmt: skip
    """The most alike free annotation of one object, the last of equals; those that count before ignored ones."""
    best, highest, counts = NONE, threshold, False
    for pair in range(start, stop):
        g = annotation[pair]
        if gt_category[g] != category or group[g] or gt_matched[g, a, t] != NONE:
            continue
        counting = (ignored[g] >> np.uint64(a)) & np.uint64(1) == 0
        if similarity[pair] < threshold or (counts and not counting):
            continue
        if (counting and not counts) or similarity[pair] >= highest:
            best, highest, counts = g, similarity[pair], counting
    return best


@kernel
def _group(
    start: int, stop: int, annotation: Int32, similarity: Float64, category: int, gt_category: Int32, group: Bool,
    threshold: float,
) -> int:  # fmt: skip
    """The group that holds most of the detection, the first of equals."""
    best, highest = NONE, 0.0
    for pair in range(start, stop):
        g = annotation[pair]
        if gt_category[g] == category and group[g] and similarity[pair] >= threshold and similarity[pair] > highest:
            best, highest = g, similarity[pair]
    return best


@kernel
def match_groups(
    indptr: Int64,
    annotation: Int32,
    similarity: Float64,
    category: Int32,
    outside: UInt64,
    gt_category: Int32,
    gt_ignored: UInt64,
    group: Bool,
    thresholds: Float64,
    n_ranges: int,
) -> BestMatches:
    """Match detections in group order (by unit, class, score descending): to single objects first, then to groups.

    A single object is found once. What is left matches the group that it lies in: the best scored of a group is its
    true positive, the others are ignored. Pairs `indptr` int64[D+1], `annotation` int32[N] ascending, `similarity`
    float64[N] (of groups: by the detection's area); `category` int32[D], `gt_category` int32[G]; `outside` uint64[D],
    `gt_ignored` uint64[G] by bits of ranges; `group` bool[G]; `thresholds` float64[T]. Nothing on a side: no matches.
    """
    n_dt, n_gt, n_thresholds = len(category), len(gt_category), len(thresholds)
    shape = (n_dt, n_ranges, n_thresholds)
    matched, gt_matched = np.full(shape, NONE, np.int32), np.full((n_gt, n_ranges, n_thresholds), NONE, np.int32)
    true_positive, counted = np.zeros(shape, np.bool_), np.ones(shape, np.bool_)
    touched = np.zeros(n_dt, np.bool_)
    for d in range(n_dt):
        start, stop, wanted = indptr[d], indptr[d + 1], category[d]
        for a in range(n_ranges):
            counted[d, a, :] = (outside[d] >> np.uint64(a)) & np.uint64(1) == 0
            for t in range(n_thresholds):
                g = _single(start, stop, annotation, similarity, wanted, gt_category, group, gt_ignored, gt_matched,
                            a, t, thresholds[t])  # fmt: skip
                if g == NONE:
                    g = _group(start, stop, annotation, similarity, wanted, gt_category, group, thresholds[t])
                if g == NONE:
                    continue
                first = gt_matched[g, a, t] == NONE
                counts = first and (gt_ignored[g] >> np.uint64(a)) & np.uint64(1) == 0
                if first:
                    gt_matched[g, a, t] = d
                matched[d, a, t], touched[d] = g, True
                true_positive[d, a, t], counted[d, a, t] = counts, counts
    rows = np.flatnonzero(touched).astype(np.int32)
    return BestMatches(rows, matched[rows], true_positive[rows], counted[rows], gt_matched)
