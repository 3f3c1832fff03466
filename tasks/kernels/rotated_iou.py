"""IoU of rotated boxes: the exact area of two rectangles clipped against each other, in pixels."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int64
from tasks.kernels.compile import kernel
from tasks.kernels.pairs import Pairs, grow

_ROOM = 64
"""Corners a clipped rectangle may have: 8 in exact arithmetic, and no cut can more than double them."""


class _Outline(NamedTuple):
    """Scratch: the corners of what is left of a rectangle."""

    x: Float64
    y: Float64


@kernel
def _measure(corners: Float64, hulls: Float64, area_px2: Float64) -> None:
    """Write left, top, right, bottom and the area of every rectangle; area is 0 where it has none."""
    for i in range(len(corners)):
        x, y = corners[i, 0, 0], corners[i, 0, 1]
        hulls[i, 0], hulls[i, 1], hulls[i, 2], hulls[i, 3] = x, y, x, y
        for k in range(1, 4):
            hulls[i, 0], hulls[i, 1] = min(hulls[i, 0], corners[i, k, 0]), min(hulls[i, 1], corners[i, k, 1])
            hulls[i, 2], hulls[i, 3] = max(hulls[i, 2], corners[i, k, 0]), max(hulls[i, 3], corners[i, k, 1])
        across = (corners[i, 2, 0] - x) * (corners[i, 3, 1] - corners[i, 1, 1])
        down = (corners[i, 2, 1] - y) * (corners[i, 3, 0] - corners[i, 1, 0])
        area_px2[i] = max(0.0, (across - down) / 2)


@kernel
def _cut(kept: _Outline, n: int, x: float, y: float, dx: float, dy: float, out: _Outline) -> int:
    """Write to `out` what of the n corners in `kept` lies right of the line from (x, y) along (dx, dy); how many."""
    m = 0
    x0, y0 = kept.x[n - 1], kept.y[n - 1]
    side0 = dx * (y0 - y) - dy * (x0 - x)
    for i in range(n):
        x1, y1 = kept.x[i], kept.y[i]
        side1 = dx * (y1 - y) - dy * (x1 - x)
        if (side0 < 0) != (side1 < 0):
            share = side0 / (side0 - side1)
            out.x[m], out.y[m] = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
            m += 1
        if side1 >= 0:
            out.x[m], out.y[m] = x1, y1
            m += 1
        x0, y0, side0 = x1, y1, side1
    return m


@kernel
def _shared_px2(a: Float64, b: Float64, kept: _Outline, spare: _Outline) -> float:
    """Area of the intersection of two rectangles float64[4, 2], taken about a corner of `b`, where it loses least."""
    left, top = b[0, 0], b[0, 1]
    for k in range(4):
        kept.x[k], kept.y[k] = a[k, 0] - left, a[k, 1] - top
    n = 4
    for k in range(4):
        x, y = b[k, 0], b[k, 1]
        n = _cut(kept, n, x - left, y - top, b[(k + 1) % 4, 0] - x, b[(k + 1) % 4, 1] - y, spare)
        if n < 3:
            return 0.0
        kept, spare = spare, kept
    twice = 0.0
    x0, y0 = kept.x[0], kept.y[0]
    for i in range(1, n - 1):
        twice += (kept.x[i] - x0) * (kept.y[i + 1] - y0) - (kept.x[i + 1] - x0) * (kept.y[i] - y0)
    return max(0.0, twice / 2)


@kernel
def _same(a: Float64, b: Float64) -> bool:
    same = True
    for k in range(4):
        same &= a[k, 0] == b[k, 0] and a[k, 1] == b[k, 1]
    return same


@kernel
def _most_px2(a: Float64, b: Float64) -> float:
    """What two hulls share: no intersection of what lies in them is larger."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    return width * height if width > 0 and height > 0 else 0.0


@kernel
def _ratio(shared: float, area: float, gt_area: float, crowd: bool) -> float:
    whole = area if crowd else area + gt_area - shared
    return min(1.0, shared / whole) if shared > 0 else 0.0


@kernel
def rotated_pairs(
    dt_corners: Float64, dt_indptr: Int64, gt_corners: Float64, gt_crowd: Bool, gt_indptr: Int64, floor: float
) -> Pairs:
    """Pairs of the same unit with IoU >= floor, in class and out of class.

    Corners are float64[n, 4, 2], px, finite, clockwise on screen, sorted by unit; `gt_crowd` bool[G], over which the
    intersection is divided by the detection's area; indptr int64[U+1]. Equal corners give exactly 1, a box without
    area 0. Pairs that cannot reach `floor`, going by their hulls and areas, are not clipped. With floor <= 0 every pair
    of a unit is there. No detections, or no annotations: no pairs. Source: Sutherland and Hodgman, 1974.
    """
    n_dt, n_gt = len(dt_corners), len(gt_corners)
    dt_hulls, dt_area, gt_hulls, gt_area = np.empty((n_dt, 4)), np.empty(n_dt), np.empty((n_gt, 4)), np.empty(n_gt)
    _measure(dt_corners, dt_hulls, dt_area)
    _measure(gt_corners, gt_hulls, gt_area)
    kept, spare = _Outline(np.empty(_ROOM), np.empty(_ROOM)), _Outline(np.empty(_ROOM), np.empty(_ROOM))
    indptr = np.zeros(n_dt + 1, np.int64)
    annotation, similarity = np.empty(n_dt + 1024, np.int32), np.empty(n_dt + 1024)
    n = 0
    for u in range(len(dt_indptr) - 1):
        for d in range(dt_indptr[u], dt_indptr[u + 1]):
            needed = n + gt_indptr[u + 1] - gt_indptr[u]
            if needed > len(annotation):
                annotation, similarity = grow(annotation, n, needed), grow(similarity, n, needed)
            for g in range(gt_indptr[u], gt_indptr[u + 1]):
                most = min(_most_px2(dt_hulls[d], gt_hulls[g]), dt_area[d], gt_area[g])
                iou = _ratio(most, dt_area[d], gt_area[g], gt_crowd[g])
                if iou > 0 and iou >= floor:
                    if _same(dt_corners[d], gt_corners[g]):
                        shared = dt_area[d]
                    else:
                        shared = _shared_px2(dt_corners[d], gt_corners[g], kept, spare)
                    iou = _ratio(shared, dt_area[d], gt_area[g], gt_crowd[g])
                annotation[n], similarity[n] = g, iou
                n += iou >= floor
            indptr[d + 1] = n
    return Pairs(indptr, annotation[:n], similarity[:n])
