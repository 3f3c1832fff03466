"""The highest IoU of each object with another of its group: of boxes, polygons and masks in any mixture."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int64
from tasks.kernels.compile import kernel
from tasks.kernels.coverage import Outlines, Scene, add_box, add_object, edge_offsets, scene_for, swept
from tasks.kernels.rle_codec import longest_row

NOBODY = -1


class Highest(NamedTuple):
    """Of N objects."""

    iou: Float64
    """f64[N]: 0 where no other of the group overlaps."""
    partner: Int64
    """i64[N]: which that is, the first of equals; -1 for none."""


class Extents(NamedTuple):
    """N objects from outside."""

    hull: Float64
    """f64[N, 4]: left, top, right, bottom in px, free of NaN where the object has an area."""
    area: Float64
    """f64[N], px²."""
    box: Bool
    """bool[N]: the hull is the object, whatever its outline."""
    mask: Bool
    """bool[N]: a raster mask; pairs of two are left to whoever compares masks."""


@kernel
def _shared_hull(hull: Float64, a: int, b: int) -> float:
    width = min(hull[a, 2], hull[b, 2]) - max(hull[a, 0], hull[b, 0])
    height = min(hull[a, 3], hull[b, 3]) - max(hull[a, 1], hull[b, 1])
    return width * height if width > 0 and height > 0 else 0.0


@kernel
def _take(highest: Highest, a: int, b: int, iou: float) -> None:
    """Note the IoU of a pair with its first object."""
    if iou > highest.iou[a] or (iou == highest.iou[a] and iou > 0 and b < highest.partner[a]):
        highest.iou[a], highest.partner[a] = iou, b


@kernel
def _add(scene: Scene, outlines: Outlines, extents: Extents, k: int, ends: Int64) -> None:
    if extents.box[k]:
        left, top, right, bottom = extents.hull[k]
        add_box(scene, left, top, right, bottom)
    else:
        add_object(scene, outlines, k, ends)


@kernel
def highest_overlaps(outlines: Outlines, extents: Extents, member: Int64, indptr: Int64, highest: Highest) -> None:
    """Raise `highest` to what each object has with another of its group, where that is higher.

    Group g has the objects member[indptr[g]:indptr[g+1]], ascending. Two boxes have the IoU of boxes, everything else
    that of what the outlines cover; equal outlines have exactly 1, those without area 0. Pairs whose hulls and areas
    say that they cannot come higher are not looked at. No groups: nothing is done.
    """
    ends = np.empty(longest_row(outlines.offsets), np.int64)
    offsets = edge_offsets(outlines, ends)
    scene = scene_for(2 * longest_row(offsets) + 4, 2 * longest_row(outlines.objects) + 2, 2)
    for g in range(len(indptr) - 1):
        for i in range(indptr[g], indptr[g + 1]):
            a = member[i]
            for j in range(i + 1, indptr[g + 1]):
                b = member[j]
                shared = _shared_hull(extents.hull, a, b)
                if shared == 0 or (extents.mask[a] and extents.mask[b]):
                    continue
                areas = extents.area[a] + extents.area[b]
                most = min(shared, extents.area[a], extents.area[b])
                iou = most / (areas - most) if most > 0 else 0.0
                if not (extents.box[a] and extents.box[b]):
                    if iou < highest.iou[a] and iou < highest.iou[b]:
                        continue
                    _add(scene, outlines, extents, a, ends)
                    _add(scene, outlines, extents, b, ends)
                    once, twice = swept(scene)
                    iou = twice / once if twice > 0 else 0.0
                _take(highest, a, b, iou)
                _take(highest, b, a, iou)
