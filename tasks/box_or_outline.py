"""Similarity over mixed shapes as Encord Active has it: filled outlines where both sides have one, boxes elsewhere."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.judging import Array, Pairs, Side
from tasks.columns import list_parts, numbers, one_chunk
from tasks.kernels.mask_iou import Masks, mask_pairs
from tasks.kernels.outline_fill import fill_outlines
from tasks.shapes import bounding_box
from tasks.shapes.bitmask import packed

NEEDS = ("mask", "polygons")
"""Columns that `box_or_outline_pairs` reads beside those of boxes."""
_ROUNDING_PX = 2.0**-30
"""Added before vertices are cut to whole pixels: given in pixels, they may come back from their shares a bit short."""


def _extent(side: Side, rows: Array) -> tuple[Array, Array]:
    """(height, width) of the units of some rows, int64, px."""
    unit = np.repeat(np.arange(len(side.indptr) - 1), np.diff(side.indptr))[rows]
    return side.height_px[unit].astype(np.int64), side.width_px[unit].astype(np.int64)


def _outlines(side: Side, rows: Array) -> list[Array]:
    """Masks of some rows with polygons: the first one's shell, filled, without its holes."""
    polygons, of_row = list_parts(one_chunk(side.table["polygons"]).take(pa.array(rows)))
    rings, of_polygon = list_parts(polygons)
    points, of_ring = list_parts(rings)
    shells = of_polygon[of_row[:-1]]
    lengths = of_ring[shells + 1] - of_ring[shells]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    places = np.repeat(of_ring[shells] - offsets[:-1], lengths) + np.arange(offsets[-1])
    height, width = _extent(side, rows)
    x, y = (
        numbers(pc.struct_field(points, axis))[places] * np.repeat(size, lengths) + _ROUNDING_PX
        for axis, size in (("x", width), ("y", height))
    )
    data, ends = fill_outlines(x, y, offsets, height, width)
    return np.split(data, ends[1:-1])


def _masks(side: Side) -> tuple[Array, Masks]:
    """(rows that have a polygon or a mask, int64[m]; their masks)."""
    masks, polygons = (one_chunk(side.table[name]) for name in NEEDS)
    outlined = polygons.is_valid().to_numpy(zero_copy_only=False)
    given = masks.is_valid().to_numpy(zero_copy_only=False) & ~outlined
    rows = np.flatnonzero(outlined | given)
    parts: list[Array] = [np.empty(0, np.uint8)] * len(outlined)
    drawn = packed(masks.filter(pa.array(given)))
    for where, found in (
        (np.flatnonzero(given), np.split(drawn.data, drawn.offsets[1:-1])),
        (np.flatnonzero(outlined), _outlines(side, np.flatnonzero(outlined)) if outlined.any() else []),
    ):
        for row, part in zip(where.tolist(), found, strict=False):
            parts[row] = part
    kept = [parts[row] for row in rows.tolist()]
    offsets = np.concatenate([[0], np.cumsum([len(part) for part in kept])]).astype(np.int64)
    before = np.concatenate([[0], np.cumsum(outlined | given)])
    data = np.concatenate([np.empty(0, np.uint8), *kept])
    return rows, Masks(data, offsets, _extent(side, rows)[0], before[side.indptr])


def _rows(indptr: Array) -> Array:
    """int64[N]: the detection of each pair."""
    return np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))


def box_or_outline_pairs(detections: Side, annotations: Side, floor: float, options: Mapping[str, Any]) -> Pairs:
    """IoU of the filled outlines, or masks, of each two that have one, else of their boxes or hulls; >= floor."""
    boxes = bounding_box.pairs(detections, annotations, floor, options)
    (found, found_masks), (truth, truth_masks) = _masks(detections), _masks(annotations)
    if not len(found) or not len(truth):
        return boxes
    masks = Pairs(*mask_pairs(found_masks, truth_masks, annotations.crowd[truth], floor))
    row = _rows(boxes.indptr)
    boxed = ~(np.isin(row, found) & np.isin(boxes.annotation, truth))
    rows = np.concatenate([row[boxed], found[_rows(masks.indptr)]])
    annotation = np.concatenate([boxes.annotation[boxed], truth[masks.annotation].astype(np.int32)])
    similarity = np.concatenate([boxes.similarity[boxed], masks.similarity])
    order = np.lexsort((annotation, rows))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(detections.crowd)))]).astype(np.int64)
    return Pairs(indptr, annotation[order], similarity[order])
