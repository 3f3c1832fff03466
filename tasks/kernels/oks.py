"""Object keypoint similarity (OKS) for chosen pairs, to the bit as pycocotools 2.0.11 (`COCOeval.computeOks`).

The exponentials are numpy's own, between two kernels: the compiler's differ from them in the last place in about one
of twenty. The mean adds them up in the order in which `np.sum` does.
"""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int32, Int64
from tasks.kernels.compile import kernel
from tasks.kernels.pairs import Candidates, Pairs, keep_above

SMALLEST_STEP = float(np.spacing(1))
"""Added to areas, so that none is 0; px²."""
SUM_BLOCK = 128
SUM_LANES = 8


class Truth(NamedTuple):
    """What OKS needs of G annotations with P points each."""

    keypoints: Float64
    """f64[G, P, 2], x and y in px"""
    visible: Bool
    """bool[G, P]: the point is labelled"""
    boxes: Float64
    """f64[G, 4]: x, y, width, height in px"""
    area: Float64
    """f64[G]: the file's area, px²"""


@kernel
def all_pairs(dt_indptr: Int64, gt_indptr: Int64) -> Candidates:
    """Every pair of a detection and an annotation of the same unit; indptr are i64[U + 1]. No units: no pairs."""
    indptr = np.zeros(dt_indptr[-1] + 1, np.int64)
    for u in range(len(dt_indptr) - 1):
        for d in range(dt_indptr[u], dt_indptr[u + 1]):
            indptr[d + 1] = indptr[d] + gt_indptr[u + 1] - gt_indptr[u]
    annotation = np.empty(indptr[-1], np.int32)
    for u in range(len(dt_indptr) - 1):
        for d in range(dt_indptr[u], dt_indptr[u + 1]):
            for g in range(gt_indptr[u], gt_indptr[u + 1]):
                annotation[indptr[d] + g - gt_indptr[u]] = g
    return Candidates(indptr, annotation)


def oks_pairs(
    indptr: Int64,
    annotation: Int32,
    dt_keypoints: Float64,
    gt_keypoints: Float64,
    gt_visible: Bool,
    gt_boxes: Float64,
    gt_area: Float64,
    sigmas: Float64,
    floor: float,
) -> Pairs:
    """Of the candidates, those with OKS >= floor.

    An annotation without a visible point is compared by how far all points lie outside its box doubled about it.

    Args:
        indptr: i64[D + 1]: detection d may meet annotation[indptr[d]:indptr[d + 1]].
        annotation: i32[N].
        dt_keypoints: f64[D, P, 2], x and y in px, P >= 1.
        gt_keypoints: f64[G, P, 2], likewise.
        gt_visible: bool[G, P]; points that are not count for nothing.
        gt_boxes: f64[G, 4], x, y, width, height in px.
        gt_area: f64[G], the source's area in px².
        sigmas: f64[P], per-point constants, relative to the square root of the area.
        floor: least OKS of the pairs that are kept.

    Returns:
        The pairs, in their order; none for no candidates.
    """
    # A column of floats may come straight from Arrow, read-only: to a kernel that is another type.
    truth = Truth(gt_keypoints, gt_visible, gt_boxes, np.require(gt_area, requirements="W"))
    exponents, counts = _exponents(indptr, annotation, dt_keypoints, truth, (sigmas * 2) ** 2)
    return _means_above(indptr, annotation, np.exp(exponents, out=exponents), counts, floor)


@kernel
def _exponents(
    indptr: Int64, annotation: Int32, dt_keypoints: Float64, truth: Truth, variances: Float64
) -> tuple[Float64, Int64]:
    """Exponents of the points that count, flat, and how many count of each annotation, i64[G]."""
    counts = np.empty(len(truth.area), np.int64)
    for g in range(len(counts)):
        visible = np.count_nonzero(truth.visible[g])
        counts[g] = visible if visible > 0 else len(variances)
    n_points = 0
    for g in annotation:
        n_points += counts[g]
    exponents = np.empty(n_points)
    n = 0
    for d in range(len(indptr) - 1):
        for k in range(indptr[d], indptr[d + 1]):
            n += _pair_exponents(dt_keypoints[d], truth, annotation[k], variances, exponents[n:])
    return exponents, counts


@kernel
def _pair_exponents(points: Float64, truth: Truth, g: int, variances: Float64, exponents: Float64) -> int:
    """Write the exponents of one pair; return how many. Operations come in pycocotools' order."""
    n = 0
    for p in range(len(variances)):
        if truth.visible[g, p]:
            dx, dy = points[p, 0] - truth.keypoints[g, p, 0], points[p, 1] - truth.keypoints[g, p, 1]
            exponents[n] = _exponent(dx, dy, variances[p], truth.area[g])
            n += 1
    if n > 0:
        return n
    for p in range(len(variances)):
        dx = _outside(points[p, 0], truth.boxes[g, 0], truth.boxes[g, 2])
        dy = _outside(points[p, 1], truth.boxes[g, 1], truth.boxes[g, 3])
        exponents[p] = _exponent(dx, dy, variances[p], truth.area[g])
    return len(variances)


@kernel
def _outside(position: float, start: float, size: float) -> float:
    """Distance to a side of a box that reaches its own size further to both ends; 0 inside."""
    return max(0.0, (start - size) - position) + max(0.0, position - (start + size * 2))


@kernel
def _exponent(dx: float, dy: float, variance: float, area: float) -> float:
    return -((dx * dx + dy * dy) / variance / (area + SMALLEST_STEP) / 2)


@kernel
def _means_above(indptr: Int64, annotation: Int32, values: Float64, counts: Int64, floor: float) -> Pairs:
    similarity = np.empty(len(annotation))
    start = 0
    for k in range(len(annotation)):
        n = counts[annotation[k]]
        similarity[k] = sum_as_numpy(values, start, n) / n
        start += n
    return keep_above(indptr, annotation, similarity, floor)


@kernel
def sum_as_numpy(values: Float64, start: int, n: int) -> float:
    """Add up values[start:start + n] in the order of `np.sum` over a contiguous array.

    More than 128 are cut in halves, the first a multiple of 8, and these again; the sums meet two by two.
    """
    if n <= SUM_BLOCK:
        return _block_sum(values, start, n)
    # No recursion: compiled code of recursive functions does not survive the cache.
    sizes, levels = np.empty(64, np.int64), np.empty(64, np.int64)
    sums, sum_levels = np.empty(64), np.empty(64, np.int64)
    sizes[0], levels[0], n_open, n_sums = n, 0, 1, 0
    while n_open > 0:
        n_open -= 1
        size, level = sizes[n_open], levels[n_open]
        if size > SUM_BLOCK:
            half = size // 2 - size // 2 % SUM_LANES
            sizes[n_open], sizes[n_open + 1] = size - half, half
            levels[n_open : n_open + 2] = level + 1
            n_open += 2
            continue
        total = _block_sum(values, start, size)
        start += size
        while n_sums > 0 and sum_levels[n_sums - 1] == level:
            n_sums, level, total = n_sums - 1, level - 1, sums[n_sums - 1] + total
        sums[n_sums], sum_levels[n_sums] = total, level
        n_sums += 1
    return sums[0]


@kernel
def _block_sum(values: Float64, start: int, n: int) -> float:
    """Fewer than 8 one after the other, else in 8 lanes, which are added in pairs, and what is left over."""
    total = 0.0
    in_lanes = n - n % SUM_LANES if n >= SUM_LANES else 0
    if in_lanes > 0:
        lanes = values[start : start + SUM_LANES].copy()
        for i in range(SUM_LANES, in_lanes):
            lanes[i % SUM_LANES] += values[start + i]
        total = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))
    for i in range(in_lanes, n):
        total += values[start + i]
    return total
