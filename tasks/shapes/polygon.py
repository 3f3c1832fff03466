"""Polygons, rasterised as COCO does: the mask decides, the vertices are kept relative."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.records import Array, Extent, Faults, Normalized, Pairs, Shape, Side
from schemas.rejects import Reason
from tasks.columns import bytes_column, list_parts, numbers, one_chunk
from tasks.kernels.polygon_raster import FAULTS, Drawn, draw_polygons
from tasks.kernels.rle import measure
from tasks.polygon_holes import rasterize_with_holes
from tasks.shapes import bitmask
from tasks.shapes.bounding_box import hulls


class _Rings:
    """A polygon column taken apart: points, and where rings, polygons and rows begin in them."""

    def __init__(self, values: pa.Array) -> None:
        polygons, self.rows = list_parts(values)
        rings, self.polygons = list_parts(polygons)
        points, self.rings = list_parts(rings)
        self.x, self.y = (numbers(pc.struct_field(points, axis)) for axis in ("x", "y"))
        self.row_rings = self.polygons[self.rows]

    def with_holes(self) -> Array:
        """int64[k]: rows that have a polygon of more rings than its shell."""
        if len(self.rings) == len(self.polygons):
            return np.empty(0, np.int64)
        holed = np.concatenate([[0], np.cumsum(np.diff(self.polygons) > 1)])
        return np.flatnonzero(np.diff(holed[self.rows]))

    def of_row(self, row: int) -> tuple[Array, Array, Array, Array]:
        """Points (x and y), ring and polygon offsets of one row, from 0."""
        polygons = self.polygons[self.rows[row] : self.rows[row + 1] + 1]
        rings = self.rings[polygons[0] : polygons[-1] + 1]
        x, y = (axis[rings[0] : rings[-1]] for axis in (self.x, self.y))
        return x, y, rings - rings[0], polygons - polygons[0]

    def column(self, x: Array, y: Array) -> pa.Array:
        """The polygons again, with other points."""
        values = pa.StructArray.from_arrays([pa.array(x), pa.array(y)], names=["x", "y"])
        for offsets in (self.rings, self.polygons, self.rows):
            values = pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), values)
        return values

    def hull_px(self) -> Array:
        """float64[n, 4]: x, y, w, h about the points of each row."""
        return hulls(np.stack([self.x, self.y], axis=1), self.rings[self.row_rings])


def _drawn(rings: _Rings, height: Array, width: Array) -> Drawn:
    """The masks of all rows, and their points relative to the unit."""
    drawn = draw_polygons(rings.x, rings.y, rings.rings, rings.row_rings, height, width)
    rows = [row for row in rings.with_holes().tolist() if drawn.codes[row] == 0]
    return _holed(drawn, rings, rows, height, width) if rows else drawn


def _holed(drawn: Drawn, rings: _Rings, rows: list[int], height: Array, width: Array) -> Drawn:
    """The masks again, those of `rows` with their holes left out."""
    masks = np.split(drawn.data, drawn.offsets[1:-1])
    for row in rows:
        masks[row], _ = rasterize_with_holes(*rings.of_row(row), int(height[row]), int(width[row]))
    offsets = np.concatenate([[0], np.cumsum([len(mask) for mask in masks])])
    return drawn._replace(data=np.concatenate(masks), offsets=offsets)


def _masks(drawn: Drawn, height: Array, width: Array) -> pa.Array:
    """Mask column; null where a polygon cannot be drawn."""
    sizes = [pa.array(size.astype(np.int32)) for size in (height, width)]
    fields = [*sizes, bytes_column(drawn.data, drawn.offsets)]
    missing = pa.array(drawn.codes != 0) if drawn.codes.any() else None
    return pa.StructArray.from_arrays(fields, names=["height", "width", "counts"], mask=missing)


def normalize(values: pa.Array, extent: Extent) -> Normalized:
    """Relative vertices, and the union of all polygons as a raster mask.

    Without holes that is, byte for byte, as pycocotools merges rings; holes are left out of their polygon.
    """
    rings = _Rings(values)
    height, width = (size.astype(np.int64) for size in (extent.height_px, extent.width_px))
    drawn = _drawn(rings, height, width)
    bad = np.flatnonzero(drawn.codes)

    def area_px2() -> Array:
        measured = measure(drawn.data, drawn.offsets, height, width)
        return np.where(drawn.codes == 0, measured.area_px2, np.nan)

    columns = {"polygons": rings.column(drawn.x, drawn.y), "mask": _masks(drawn, height, width)}
    texts = [FAULTS[drawn.codes[row]] for row in bad.tolist()]
    return Normalized(columns, rings.hull_px, area_px2, Faults(bad, [str(Reason.INVALID_POLYGON)] * len(bad), texts))


def given(table: pa.Table) -> Array:
    """Rows with polygons."""
    return np.asarray(table["polygons"].is_valid())


def _outlines(table: pa.Table) -> Array:
    """The polygons in px of the unit, whose size every mask states, as geometries."""
    from tasks.outlines import multipolygons

    rings, masks = _Rings(one_chunk(table["polygons"])), one_chunk(table["mask"])
    counts = np.diff(rings.rings[rings.row_rings])
    width, height = (np.repeat(numbers(pc.struct_field(masks, name)), counts) for name in ("width", "height"))
    points = np.stack([rings.x * width, rings.y * height], axis=1)
    return multipolygons(points, rings.rings, rings.polygons, rings.rows)


def vector_pairs(detections: Side, annotations: Side, floor: float, _options: Mapping[str, Any]) -> Pairs:
    """IoU of the outlines themselves, holes left out, not of pixels; over crowds, intersection over the detection."""
    from tasks.outlines import outline_pairs  # shapely, which nothing else here needs

    found, labelled = _outlines(detections.table), _outlines(annotations.table)
    return outline_pairs(found, detections.indptr, labelled, annotations.indptr, annotations.crowd, floor)


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
