"""Outlines and extents of a bucket's objects in px, whatever their shapes."""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.columns import bytes_parts, list_parts, numbers, struct_matrix
from tasks.cores import usable_cores
from tasks.kernels.coverage import Outlines, union_areas
from tasks.kernels.rle import measure
from tasks.kernels.rle_codec import frozen
from tasks.quality.bucket import Array, Bucket
from tasks.shapes.bounding_box import hulls

_CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1))


class Kinds(NamedTuple):
    """By what an object is measured, bool[N] each, one of them at most: of several geometries the closest outline."""

    polygon: Array
    mask: Array
    """A raster mask, and no polygons."""
    rotated: Array
    """A rotatable box, and none of these."""
    chain: Array
    """Points that cover nothing: a polyline, a point, a skeleton without a box of its own."""
    box: Array
    """All others that have a box."""


class _Rings(NamedTuple):
    """Rings of some objects, which come object by object."""

    points: Array
    """float64[P, 2], px."""
    sizes: Array
    """int64[R]: vertices of each ring."""
    polygon: Array
    """int64[R]: number of its polygon."""
    hole: Array
    """bool[R]"""
    owner: Array
    """int64[R]: its object."""


def kinds_of(bucket: Bucket) -> Kinds:
    """What each object is measured by."""
    polygon, mask, rotated, box = (
        np.asarray(bucket.column(name).is_valid()) for name in ("polygons", "mask", "rotated_bbox", "bbox_px")
    )
    boxed = numbers(bucket.column("bbox_given"), missing=False)
    mask &= ~polygon
    rotated &= ~(polygon | mask)
    chain = bucket.is_shape("polyline", "point") | (bucket.is_shape("skeleton") & ~boxed)
    chain &= ~(polygon | mask | rotated)
    return Kinds(polygon, mask, rotated, chain, box & ~(polygon | mask | rotated | chain))


def outlines_of(bucket: Bucket) -> Outlines:
    """What boxes, rotated boxes, polygons and raster masks cover; points, polylines and skeletons cover nothing."""
    kinds = bucket.once(kinds_of)
    parts = [
        of_kind(bucket, which)
        for of_kind, which in ((_boxes, kinds.box), (_rotated, kinds.rotated), (_polygons, kinds.polygon))
        if which.any()
    ]
    rings = _in_order(parts)
    n = len(bucket.objects.key)
    objects = np.concatenate([[0], np.cumsum(np.bincount(rings.owner, minlength=n))]).astype(np.int64)
    return Outlines(
        np.ascontiguousarray(rings.points[:, 0]),
        np.ascontiguousarray(rings.points[:, 1]),
        np.concatenate([[0], np.cumsum(rings.sizes)]).astype(np.int64),
        rings.polygon,
        rings.hole,
        objects,
        *_packed(bucket, kinds.mask),
        bucket.size_px[:, 1].astype(np.int64),
    )


def extents_of(bucket: Bucket) -> Array:
    """float64[N, 4]: left, top, right, bottom of the vertices in px, or of a mask's pixels; NaN where there are none.

    Of an annotated skeleton only labelled points count: the others lie nowhere. Predictions label all.
    """
    kinds, extents = bucket.once(kinds_of), np.full((len(bucket.objects.key), 4), np.nan)
    extents[kinds.box] = bucket.box_px[kinds.box]
    if kinds.mask.any():
        boxes = _mask_boxes(bucket, kinds.mask)
        boxes[boxes[:, 2] == 0] = np.nan
        extents[kinds.mask] = boxes
    if kinds.chain.any() or kinds.rotated.any():
        which = kinds.chain | kinds.rotated
        extents[which] = hulls(*_labelled(bucket, which))
    if kinds.polygon.any():
        rings = _polygons(bucket, kinds.polygon)
        ends = np.concatenate([[0], np.cumsum(rings.sizes)])
        first = np.searchsorted(rings.owner, np.append(np.flatnonzero(kinds.polygon), len(kinds.polygon)))
        extents[kinds.polygon] = hulls(rings.points, ends[first])
    extents[:, 2:] += extents[:, :2]
    return extents


def areas_of(bucket: Bucket) -> Array:
    """float64[N], px²: what each object covers; a skeleton's and a polyline's hull; NaN for points.

    A polygon that crosses itself covers what it winds around; its holes, and where its parts overlap, count once.
    """
    kinds, extents = bucket.once(kinds_of), bucket.once(extents_of)
    sides = extents[:, 2:] - extents[:, :2]
    areas = sides.prod(axis=1)
    areas[kinds.chain & bucket.is_shape("point")] = np.nan
    areas[kinds.box] = bucket.box_px[kinds.box, 2:].prod(axis=1)
    first = np.flatnonzero(kinds.rotated | kinds.polygon | kinds.mask)
    areas[first] = covered_areas(bucket, first, first + 1)
    return areas


def covered_areas(bucket: Bucket, first: Array, stop: Array) -> Array:
    """float64[G], px²: what the objects first[g]:stop[g] cover together.

    Worked on by all cores where the bucket is the only one, by this thread alone beside others'.
    """
    outlines, n = bucket.once(outlines_of), usable_cores() if bucket.alone else 1
    shares = zip(np.array_split(first, n), np.array_split(stop, n), strict=True)
    with ThreadPoolExecutor(n) as threads:
        return np.concatenate(list(threads.map(lambda share: union_areas(outlines, *share), shares)))


def _boxes(bucket: Bucket, which: Array) -> _Rings:
    boxes = bucket.box_px[which]
    points = np.stack([boxes[:, :2] + boxes[:, 2:] * corner for corner in _CORNERS], axis=1)
    return _quadrangles(points.reshape(-1, 2), which)


def _rotated(bucket: Bucket, which: Array) -> _Rings:
    corners, _ = list_parts(bucket.column("keypoints_px").filter(pa.array(which)))
    return _quadrangles(struct_matrix(corners, ("x", "y")), which)


def _quadrangles(points: Array, which: Array) -> _Rings:
    owner = np.flatnonzero(which)
    return _Rings(points, np.full(len(owner), 4), np.arange(len(owner)), np.zeros(len(owner), bool), owner)


def _polygons(bucket: Bucket, which: Array) -> _Rings:
    """Vertices are kept relative; holes stand behind the shell of their polygon."""
    polygons, rows = list_parts(bucket.column("polygons").filter(pa.array(which)))
    rings, of_polygon = list_parts(polygons)
    points, of_ring = list_parts(rings)
    counts = np.diff(of_polygon)
    polygon = np.repeat(np.arange(len(counts)), counts)
    hole = np.ones(len(polygon), bool)
    hole[of_polygon[:-1][counts > 0]] = False
    owner = np.repeat(np.flatnonzero(which), np.diff(of_polygon[rows]))
    sizes = np.diff(of_ring)
    scale = np.repeat(bucket.size_px[owner], sizes, axis=0)
    return _Rings(struct_matrix(points, ("x", "y")) * scale, sizes, polygon, hole, owner)


def _in_order(parts: list[_Rings]) -> _Rings:
    """The rings of all kinds, object by object."""
    if len(parts) == 1:
        return parts[0]
    nothing = np.empty(0, np.int64)
    none = _Rings(np.empty((0, 2)), nothing, nothing, nothing.astype(bool), nothing)
    before, numbered = 0, []
    for part in parts:
        numbered.append(part._replace(polygon=part.polygon + before))
        before += int(part.polygon.max(initial=-1)) + 1
    points, sizes, polygon, hole, owner = (np.concatenate(columns) for columns in zip(none, *numbered, strict=True))
    order = np.argsort(owner, kind="stable")
    starts = np.cumsum(sizes) - sizes
    inside = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes[order]) - sizes[order], sizes[order])
    moved = points[np.repeat(starts[order], sizes[order]) + inside]
    return _Rings(moved, sizes[order], polygon[order], hole[order], owner[order])


def _packed(bucket: Bucket, which: Array) -> tuple[Array, Array]:
    """(bytes, int64[N+1] offsets) of the masks of `which`; others have none."""
    if not which.any():
        return frozen(np.empty(0, np.uint8)), np.zeros(len(which) + 1, np.int64)
    counts = pc.struct_field(bucket.column("mask").filter(pa.array(which)), "counts")
    data, ends = bytes_parts(counts)
    sizes = np.zeros(len(which), np.int64)
    sizes[which] = np.diff(ends)
    return frozen(data), np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _mask_boxes(bucket: Bucket, which: Array) -> Array:
    """float64[n, 4]: x, y, w, h of the pixels of each mask."""
    data, offsets = _packed(bucket, which)
    height, width = (np.ascontiguousarray(bucket.size_px[which, k]).astype(np.int64) for k in (1, 0))
    return measure(data, np.append(offsets[:-1][which], offsets[-1]), height, width).box_px


def _labelled(bucket: Bucket, which: Array) -> tuple[Array, Array]:
    """(float64[P, 2] points in px, int64[n+1]) of the objects of `which`, without those that are not labelled."""
    rows = pa.array(which)
    points, offsets = list_parts(bucket.column("keypoints_px").filter(rows))
    named = bucket.column("keypoints").filter(rows)
    keep = np.ones(len(points), bool)
    if not bucket.predicted and named.null_count < len(named):
        seen, _ = list_parts(named.drop_null())
        of_skeleton = np.repeat(np.asarray(named.is_valid()), np.diff(offsets))
        keep[of_skeleton] = numbers(pc.struct_field(seen, "visibility"), missing=1) > 0
    before = np.concatenate([[0], np.cumsum(keep)])
    return struct_matrix(points, ("x", "y"))[keep], before[offsets]
