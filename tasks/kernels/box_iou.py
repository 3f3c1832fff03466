"""IoU of axis-parallel boxes, in the arithmetic of pycocotools' bbIou."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int64
from tasks.kernels.compile import kernel
from tasks.kernels.pairs import Pairs, grow


class Boxes(NamedTuple):
    """float64[n] each, in px."""

    x: Float64
    y: Float64
    w: Float64
    h: Float64


class _Boxes(NamedTuple):
    """Scratch: the annotations of one unit, an array for each side, so that the loop over them vectorises."""

    left: Float64
    top: Float64
    right: Float64
    bottom: Float64
    area: Float64
    crowd: Bool


@kernel
def _load(boxes: Boxes, crowd: Bool, start: int, n: int, out: _Boxes) -> None:
    for i in range(n):
        w, h = boxes.w[start + i], boxes.h[start + i]
        out.left[i], out.top[i] = boxes.x[start + i], boxes.y[start + i]
        out.right[i], out.bottom[i] = w + out.left[i], h + out.top[i]
        out.area[i], out.crowd[i] = w * h, crowd[start + i]


@kernel
def _pair_unit(
    boxes: Boxes,
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
        x, y, area = boxes.x[d], boxes.y[d], boxes.w[d] * boxes.h[d]
        x_end, y_end = boxes.w[d] + x, boxes.h[d] + y
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
def pairs_of_boxes(
    found: Boxes, found_indptr: Int64, known: Boxes, crowd: Bool, known_indptr: Int64, floor: float
) -> Pairs:
    """Pairs of the same unit with IoU >= floor, in class and out of class.

    Detections `found` and annotations `known` are free of NaN and sorted by unit; `crowd` bool[G]; indptr int64[U+1].
    A box without area has IoU 0 with everything. With floor <= 0 every pair of a unit is there, also those apart.
    No detections, or no annotations: no pairs. Source: pycocotools 2.0.11, maskApi.c.
    """
    others, iou = _scratch(known_indptr)
    count = len(found.x)
    indptr = np.zeros(count + 1, np.int64)
    annotation, similarity = np.empty(count + 1024, np.int32), np.empty(count + 1024)
    n = 0
    for u in range(len(found_indptr) - 1):
        first, n_gt = known_indptr[u], known_indptr[u + 1] - known_indptr[u]
        _load(known, crowd, first, n_gt, others)
        start, stop = found_indptr[u], found_indptr[u + 1]
        needed = n + (stop - start) * n_gt
        if needed > len(annotation):
            annotation, similarity = grow(annotation, n, needed), grow(similarity, n, needed)
        out = Pairs(indptr, annotation, similarity)
        n = _pair_unit(found, start, stop, others, first, n_gt, iou, floor, out, n)
    return Pairs(indptr, annotation[:n], similarity[:n])


def box_pairs(
    found: Float64, found_indptr: Int64, known: Float64, crowd: Bool, known_indptr: Int64, floor: float
) -> Pairs:
    """`pairs_of_boxes` of boxes that lie together, float64[n, 4] x, y, w, h."""
    return pairs_of_boxes(_apart(found), found_indptr, _apart(known), crowd, known_indptr, floor)


def _apart(boxes: Float64) -> Boxes:
    """Read-only, as Arrow's columns are: the kernel is compiled once for both."""
    sides = np.array(boxes.T, order="C")
    sides.flags.writeable = False
    return Boxes(*sides)
