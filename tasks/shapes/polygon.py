"""Polygons, rasterised as COCO does: the mask decides, the vertices are kept relative."""

import numpy as np
import pyarrow as pa

from schemas.records import Array, Extent, Faults, Normalized, Shape
from schemas.rejects import Reason
from tasks.columns import bytes_column, list_parts, matrix_struct, place, struct_matrix
from tasks.kernels.polygon_raster import FAULTS, check_polygons, rasterize
from tasks.kernels.rle import measure
from tasks.shapes import bitmask
from tasks.shapes.bounding_box import hulls
from tasks.shapes.polygon_holes import rasterize_with_holes


class _Rings:
    """A polygon column taken apart: points, and where rings, polygons and rows begin in them."""

    def __init__(self, values: pa.Array) -> None:
        polygons, self.rows = list_parts(values)
        rings, self.polygons = list_parts(polygons)
        points, self.rings = list_parts(rings)
        self.points = struct_matrix(points, ("x", "y"))
        self.row_rings = self.polygons[self.rows]
        self.row_points = self.rings[self.row_rings]

    def per_point(self, of_row: Array) -> Array:
        return np.repeat(of_row, np.diff(self.row_points))

    def with_holes(self) -> Array:
        """int64[k]: rows that have a polygon of more rings than its shell."""
        if len(self.rings) == len(self.polygons):
            return np.empty(0, np.int64)
        holed = np.concatenate([[0], np.cumsum(np.diff(self.polygons) > 1)])
        return np.flatnonzero(np.diff(holed[self.rows]))

    def of_row(self, row: int) -> tuple[Array, Array, Array]:
        """Points, ring and polygon offsets of one row, from 0."""
        polygons = self.polygons[self.rows[row] : self.rows[row + 1] + 1]
        rings = self.rings[polygons[0] : polygons[-1] + 1]
        return self.points[rings[0] : rings[-1]], rings - rings[0], polygons - polygons[0]

    def column(self, points: Array) -> pa.Array:
        """The polygons again, with other points."""
        values = matrix_struct(points, ("x", "y"))
        for offsets in (self.rings, self.polygons, self.rows):
            values = pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), values)
        return values


def _rasterized(rings: _Rings, extent: Extent) -> pa.Array:
    """Mask column of polygons that passed the check."""
    height, width = (size.astype(np.int64) for size in (extent.height_px, extent.width_px))
    data, offsets = rasterize(rings.points.ravel(), rings.rings, rings.row_rings, height, width)
    with_holes = rings.with_holes()
    if len(with_holes):
        data, offsets = _holed(data, offsets, rings, with_holes, height, width)
    sizes = [pa.array(size.astype(np.int32)) for size in (height, width)]
    return pa.StructArray.from_arrays([*sizes, bytes_column(data, offsets)], names=["height", "width", "counts"])


def _holed(data: Array, offsets: Array, rings: _Rings, rows: Array, height: Array, width: Array) -> tuple[Array, Array]:
    """The masks again, those of `rows` with their holes left out."""
    masks = np.split(data, offsets[1:-1])
    for row in rows.tolist():
        masks[row], _ = rasterize_with_holes(*rings.of_row(row), int(height[row]), int(width[row]))
    return np.concatenate(masks), np.concatenate([[0], np.cumsum([len(mask) for mask in masks])])


def normalize(values: pa.Array, extent: Extent) -> Normalized:
    """Relative vertices, and the union of all polygons as a raster mask.

    Without holes that is, byte for byte, as pycocotools merges rings; holes are left out of their polygon.
    """
    rings = _Rings(values)
    height, width = (size.astype(np.int64) for size in (extent.height_px, extent.width_px))
    codes = check_polygons(rings.points.ravel(), rings.rings, rings.row_rings, height, width)
    bad, good = np.flatnonzero(codes), np.flatnonzero(codes == 0)
    kept = _Rings(values.take(pa.array(good))) if len(bad) else rings
    masks = _rasterized(kept, Extent(extent.width_px[good], extent.height_px[good]))

    def hull_px() -> Array:
        return hulls(rings.points, rings.row_points)

    def area_px2() -> Array:
        result = np.full(len(values), np.nan)
        result[good] = measure(*bitmask.packed(masks)).area_px2
        return result

    sizes = np.stack([rings.per_point(extent.width_px), rings.per_point(extent.height_px)], axis=1)
    columns = {"polygons": rings.column(rings.points / sizes), "mask": place(masks, good, len(values))}
    texts = [FAULTS[codes[row]] for row in bad.tolist()]
    return Normalized(columns, hull_px, area_px2, Faults(bad, [str(Reason.INVALID_POLYGON)] * len(bad), texts))


def given(table: pa.Table) -> Array:
    """Rows with polygons."""
    return np.asarray(table["polygons"].is_valid())


SHAPE = Shape(
    name="polygon",
    column="polygons",
    similarity="mask_iou",
    normalize=normalize,
    needs=("mask", "polygons"),
    given=given,
    outlines=True,
    pairs=bitmask.pairs,
)
