"""Axis-parallel boxes: x, y (top-left corner), w, h; compared by intersection over union."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.records import Array, Extent, Faults, Normalized, Pairs, Shape, Side
from tasks.columns import numbers, only_read
from tasks.kernels.box_iou import Boxes, pairs_of_boxes

CORNER = ("x", "y", "w", "h")


def relative_boxes(boxes_px: Array, extent: Extent) -> Array:
    """float64[n, 4]: x, w divided by the unit's width, y, h by its height."""
    return boxes_px / np.stack([extent.width_px, extent.height_px] * 2, axis=1)


def hulls(points: Array, offsets: Array) -> Array:
    """float64[n, 4]: x, y, w, h about points[offsets[k]:offsets[k+1]] (float64[P, 2]); NaN for a row without any."""
    hull = np.full((len(offsets) - 1, 4), np.nan)
    filled = np.flatnonzero(np.diff(offsets))
    if len(filled):
        starts = offsets[filled]
        low = np.minimum.reduceat(points, starts, axis=0)
        hull[filled] = np.hstack([low, np.maximum.reduceat(points, starts, axis=0) - low])
    return hull


def normalize(values: pa.Array, extent: Extent) -> Normalized:
    """Keep the source's pixel box beside the relative one: dividing and multiplying back moves last places."""
    sizes_px = (extent.width_px, extent.height_px) * 2
    sides = [side.to_numpy(zero_copy_only=False) for side in values.flatten()]
    relative = [pa.array(side / size) for side, size in zip(sides, sizes_px, strict=True)]
    columns = {
        "bbox": pa.StructArray.from_arrays(relative, names=list(CORNER)),
        "bbox_px": values,
        "bbox_given": pa.array(np.ones(len(values), bool)),
    }
    nothing = Faults(np.empty(0, np.int64), [], [])
    return Normalized(columns, None, lambda: sides[2] * sides[3], nothing)


def given(table: pa.Table) -> Array:
    """Rows whose source gave a box; hulls of masks and keypoints do not count."""
    return numbers(table["bbox_given"], missing=False)


def pairs(detections: Side, annotations: Side, floor: float, _options: Mapping[str, Any]) -> Pairs:
    """IoU of source boxes; over crowds, intersection over the detection's area. As pycocotools' bbIou."""
    found, known = _sides(detections), _sides(annotations)
    return Pairs(*pairs_of_boxes(found, detections.indptr, known, annotations.crowd, annotations.indptr, floor))


def _sides(side: Side) -> Boxes:
    boxes = side.table["bbox_px"]
    return Boxes(*(only_read(numbers(pc.struct_field(boxes, name))) for name in CORNER))


SHAPE = Shape(
    name="bounding_box",
    column="bbox",
    similarity="bbox_iou",
    normalize=normalize,
    needs=("bbox_px", "bbox_given"),
    given=given,
    outlines=False,
    pairs=pairs,
)
