"""Raster masks in COCO's compressed run lengths, column by column; compared by intersection over union of pixels."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from schemas.records import Array, Extent, Faults, Normalized, Pairs, Shape, Side
from schemas.rejects import Reason
from tasks.columns import bytes_parts, numbers, one_chunk
from tasks.kernels.mask_iou import Masks, mask_pairs
from tasks.kernels.rle import FAULTS, Measured, measure


class Packed(NamedTuple):
    """A mask column without nulls: flat characters, int64[n+1] offsets, sizes in px, int64[n]."""

    data: Array
    offsets: Array
    height_px: Array
    width_px: Array


def packed(masks: pa.Array) -> Packed:
    """The column's own bytes, not decoded."""
    height, width = (numbers(masks.field(name)).astype(np.int64) for name in ("height", "width"))
    return Packed(*bytes_parts(masks.field("counts")), height, width)


def _faults(masks: Packed, measured: Measured, extent: Extent) -> Faults:
    """Masks that no reader may touch: damaged run lengths, or a size other than the unit's."""
    other_size = (masks.height_px != extent.height_px) | (masks.width_px != extent.width_px)
    rows = np.flatnonzero((measured.codes != 0) | other_size)
    reasons, texts = [], []
    for row in rows.tolist():
        found = f"mask of {masks.width_px[row]} x {masks.height_px[row]} pixels"
        if measured.codes[row]:
            reasons.append(str(Reason.INVALID_MASK))
            texts.append(f"{found}: {FAULTS[measured.codes[row]]}")
        else:
            reasons.append(str(Reason.MASK_SIZE_MISMATCH))
            texts.append(f"{found}; the unit has {extent.width_px[row]:.0f} x {extent.height_px[row]:.0f}")
    return Faults(rows, reasons, texts)


def normalize(values: pa.Array, extent: Extent) -> Normalized:
    """Masks stay as they are; what they cover is measured."""
    masks = packed(values)
    measured = measure(*masks)
    faults = _faults(masks, measured, extent)
    return Normalized({"mask": values}, lambda: measured.box_px, lambda: measured.area_px2, faults)


def given(table: pa.Table) -> Array:
    """Rows that have a raster mask: bitmasks and polygons."""
    return numbers(one_chunk(table["mask"]).is_valid())


def _side(side: Side) -> Masks:
    masks = packed(one_chunk(side.table["mask"]))
    return Masks(masks.data, masks.offsets, masks.height_px, side.indptr)


def pairs(detections: Side, annotations: Side, floor: float, _options: Mapping[str, Any]) -> Pairs:
    """IoU of masks; over crowds, intersection over the detection's area. As pycocotools' rleIou."""
    return Pairs(*mask_pairs(_side(detections), _side(annotations), annotations.crowd, floor))


SHAPE = Shape(
    name="bitmask",
    column="mask",
    similarity="mask_iou",
    normalize=normalize,
    needs=("mask",),
    given=given,
    outlines=True,
    pairs=pairs,
)
