"""IoU of axis-parallel boxes, in the arithmetic of pycocotools' bbIou."""

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int64
from tasks.kernels.compile import kernel
from tasks.kernels.pairs import Pairs, grow


@kernel
def _corners(boxes: Float64, start: int, stop: int, corners: Float64) -> None:
    """Left, top, right, bottom and area of boxes start:stop, a row of `corners` each: contiguous for the inner loop."""
    for i in range(start, stop):
        x, y, w, h = boxes[i]
        corners[0, i - start], corners[1, i - start] = x, y
        corners[2, i - start], corners[3, i - start] = w + x, h + y
        corners[4, i - start] = w * h


@kernel
def _overlaps(box: Float64, corners: Float64, crowd: Bool, n: int, iou: Float64) -> None:
    """IoU of one box with n others; over a crowd, intersection / area of the box. Free of branches, so it vectorises.

    Sums and differences are in the order of the C code: every bit counts at a threshold.
    """
    x, y, w, h = box
    right, bottom, area = w + x, h + y, w * h
    for g in range(n):
        width = (right if right < corners[2, g] else corners[2, g]) - (x if x > corners[0, g] else corners[0, g])
        height = (bottom if bottom < corners[3, g] else corners[3, g]) - (y if y > corners[1, g] else corners[1, g])
        shared = width * height
        union = area if crowd[g] else area + corners[4, g] - shared
        value = shared / union
        iou[g] = value if (width > 0) & (height > 0) else 0.0


@kernel
def box_pairs(
    dt_boxes: Float64, dt_indptr: Int64, gt_boxes: Float64, gt_crowd: Bool, gt_indptr: Int64, floor: float
) -> Pairs:
    """Pairs of the same unit with IoU >= floor, in class and out of class.

    Boxes are float64[n, 4] x, y, w, h in px, free of NaN, sorted by unit; `gt_crowd` bool[G]; indptr int64[U+1].
    A box without area has IoU 0 with everything. With floor <= 0 every pair of a unit is there, also those apart.
    No detections, or no annotations: no pairs. Source: pycocotools 2.0.11, maskApi.c.
    """
    most = 0
    for u in range(len(gt_indptr) - 1):
        most = max(most, gt_indptr[u + 1] - gt_indptr[u])
    corners, iou = np.empty((5, most)), np.empty(most)
    indptr = np.zeros(len(dt_boxes) + 1, np.int64)
    annotation, similarity = np.empty(len(dt_boxes) + 1024, np.int32), np.empty(len(dt_boxes) + 1024)
    n = 0
    for u in range(len(dt_indptr) - 1):
        first, n_gt = gt_indptr[u], gt_indptr[u + 1] - gt_indptr[u]
        _corners(gt_boxes, first, first + n_gt, corners)
        for d in range(dt_indptr[u], dt_indptr[u + 1]):
            if n + n_gt > len(annotation):
                annotation, similarity = grow(annotation, n, n + n_gt), grow(similarity, n, n + n_gt)
            _overlaps(dt_boxes[d], corners, gt_crowd[first : first + n_gt], n_gt, iou)
            for g in range(n_gt):
                annotation[n], similarity[n] = first + g, iou[g]
                n += iou[g] >= floor
            indptr[d + 1] = n
    return Pairs(indptr, annotation[:n], similarity[:n])
