"""Overlaps of annotated and predicted boxes of the same frame, and which of them belong together there."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Float64, Int32, Int64
from tasks.kernels.assignment import assign
from tasks.kernels.compile import kernel
from tasks.kernels.pairs import grow

_EPS = 2.0**-52


class Overlaps(NamedTuple):
    """Pairs of one frame with an IoU above 0, in CSR form: annotated row g has indptr[g]:indptr[g+1]."""

    indptr: Int64
    """int64[G+1]"""
    found: Int32
    """int32[N]: predicted rows, ascending within an annotated one."""
    iou: Float64


@kernel
def _iou(a: Float64, b: Float64) -> float:
    """IoU of two boxes x, y, w, h; 0 where one has no area. Areas are taken from corners, to the bit as trackeval."""
    right_a, bottom_a, right_b, bottom_b = a[0] + a[2], a[1] + a[3], b[0] + b[2], b[1] + b[3]
    width = min(right_a, right_b) - max(a[0], b[0])
    height = min(bottom_a, bottom_b) - max(a[1], b[1])
    area_a, area_b = (right_a - a[0]) * (bottom_a - a[1]), (right_b - b[0]) * (bottom_b - b[1])
    if width <= 0 or height <= 0 or area_a <= _EPS or area_b <= _EPS:
        return 0.0
    shared = width * height
    return shared / (area_a + area_b - shared)


@kernel
def frame_overlaps(truth_px: Float64, truth_indptr: Int64, found_px: Float64, found_indptr: Int64) -> Overlaps:
    """Pairs of boxes of the same frame with an IoU above 0.

    Boxes are x, y, w, h in px, float64[G, 4] and float64[D, 4]; those of frame f are the rows indptr[f]:indptr[f+1],
    int64[F+1]. No boxes on a side: no pairs.
    """
    indptr = np.zeros(len(truth_px) + 1, np.int64)
    found, iou = np.empty(len(found_px) + 64, np.int32), np.empty(len(found_px) + 64)
    n = 0
    for f in range(len(truth_indptr) - 1):
        size = found_indptr[f + 1] - found_indptr[f]
        for g in range(truth_indptr[f], truth_indptr[f + 1]):
            if n + size > len(found):
                found, iou = grow(found, n, n + size), grow(iou, n, n + size)
            for d in range(found_indptr[f], found_indptr[f + 1]):
                value = _iou(truth_px[g], found_px[d])
                if value > 0:
                    found[n], iou[n] = d, value
                    n += 1
            indptr[g + 1] = n
    return Overlaps(indptr, found[:n], iou[:n])


@kernel
def frame_partners(overlaps: Overlaps, truth_indptr: Int64, found_indptr: Int64, threshold: float) -> Int32:
    """int32[D]: the annotated row that each predicted one is assigned to, or -1.

    Frame by frame, so that the sum of the IoUs that reach `threshold` is highest.
    """
    partner = np.full(found_indptr[-1], -1, np.int32)
    for f in range(len(truth_indptr) - 1):
        first, d0, d1 = truth_indptr[f], found_indptr[f], found_indptr[f + 1]
        rows = truth_indptr[f + 1] - first
        score = np.zeros((rows, d1 - d0))
        for row in range(rows):
            for p in range(overlaps.indptr[first + row], overlaps.indptr[first + row + 1]):
                if overlaps.iou[p] >= threshold - _EPS:
                    score[row, overlaps.found[p] - d0] = overlaps.iou[p]
        for row, column in enumerate(assign(score)):
            if column >= 0 and score[row, column] > _EPS:
                partner[d0 + column] = first + row
    return partner
