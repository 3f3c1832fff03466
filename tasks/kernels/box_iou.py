"""IoU of axis-parallel boxes, in the arithmetic of pycocotools' bbIou."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int64
from tasks.kernels.compile import kernel
from tasks.kernels.pairs import Pairs, grow


class _Boxes(NamedTuple):
    """Scratch: the annotations of one unit, an array for each side, so that the loop over them vectorises."""

    left: Float64
    top: Float64
    right: Float64
    bottom: Float64
    area: Float64
    crowd: Bool


@kernel
def _load(boxes: Float64, crowd: Bool, start: int, n: int, out: _Boxes) -> None:
    for i in range(n):
        out.left[i], out.top[i] = boxes[start + i, 0], boxes[start + i, 1]
        out.right[i], out.bottom[i] = boxes[start + i, 2] + out.left[i], boxes[start + i, 3] + out.top[i]
        out.area[i], out.crowd[i] = boxes[start + i, 2] * boxes[start + i, 3], crowd[start + i]


@kernel
def _pair_unit(
    boxes: Float64,
    start: int,
    stop: int,
    others: _Boxes,
    first: int,
    n_gt: int,
    iou: Float64,
    floor: float,
    out: Pairs,
    n: int,
) -> int:
    """Append the pairs of one unit's detections start:stop to the n there are; how many there are then.

    All in one function, and the loops without branches: calls and mispredictions would cost more than the arithmetic.
    Sums and differences run in the order of the C code: at a threshold every bit counts.
    """
    left, top, right, bottom, gt_area, crowd = others
    for d in range(start, stop):
        x, y, area = boxes[d, 0], boxes[d, 1], boxes[d, 2] * boxes[d, 3]
        x_end, y_end = boxes[d, 2] + x, boxes[d, 3] + y
        for i in range(n_gt):
            width = (x_end if x_end < right[i] else right[i]) - (x if x > left[i] else left[i])
            height = (y_end if y_end < bottom[i] else bottom[i]) - (y if y > top[i] else top[i])
            shared = width * height
            union = area + gt_area[i] - shared
            value = shared / (area if crowd[i] else union)
            iou[i] = value if (width > 0) & (height > 0) else 0.0
        for i in range(n_gt):
            out.annotation[n], out.similarity[n] = first + i, iou[i]
            n += iou[i] >= floor
        out.indptr[d + 1] = n
    return n


@kernel
def _scratch(indptr: Int64) -> tuple[_Boxes, Float64]:
    """Room for the annotations of the fullest unit, and for a similarity with each."""
    n = 0
    for u in range(len(indptr) - 1):
        n = max(n, indptr[u + 1] - indptr[u])
    boxes = _Boxes(np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty(n, np.bool_))
    return boxes, np.empty(n)


@kernel
def box_pairs(
    dt_boxes: Float64, dt_indptr: Int64, gt_boxes: Float64, gt_crowd: Bool, gt_indptr: Int64, floor: float
) -> Pairs:
    """Pairs of the same unit with IoU >= floor, in class and out of class.

    Boxes are float64[n, 4] x, y, w, h in px, free of NaN, sorted by unit; `gt_crowd` bool[G]; indptr int64[U+1].
    A box without area has IoU 0 with everything. With floor <= 0 every pair of a unit is there, also those apart.
    No detections, or no annotations: no pairs. Source: pycocotools 2.0.11, maskApi.c.
    """
    others, iou = _scratch(gt_indptr)
    indptr = np.zeros(len(dt_boxes) + 1, np.int64)
    annotation, similarity = np.empty(len(dt_boxes) + 1024, np.int32), np.empty(len(dt_boxes) + 1024)
    n = 0
    for u in range(len(dt_indptr) - 1):
        first, n_gt = gt_indptr[u], gt_indptr[u + 1] - gt_indptr[u]
        _load(gt_boxes, gt_crowd, first, n_gt, others)
        start, stop = dt_indptr[u], dt_indptr[u + 1]
        needed = n + (stop - start) * n_gt
        if needed > len(annotation):
            annotation, similarity = grow(annotation, n, needed), grow(similarity, n, needed)
        out = Pairs(indptr, annotation, similarity)
        n = _pair_unit(dt_boxes, start, stop, others, first, n_gt, iou, floor, out, n)
    return Pairs(indptr, annotation[:n], similarity[:n])
