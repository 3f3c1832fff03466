"""Raster masks in COCO's compressed run lengths, column by column; compared by intersection over union of pixels."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from schemas.records import Array, Extent, Faults, Normalized, Pairs, Shape, Side
from schemas.rejects import Reason
from tasks.columns import bytes_parts, numbers, one_chunk
from tasks.kernels.boundary import boundaries, least_of
from tasks.kernels.mask_iou import Masks, mask_pairs
from tasks.kernels.rle import FAULTS, Measured, measure

BOUNDARY_SHARE = 0.02
"""Width of a boundary by the diagonal of the unit."""


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


def masks_of(column: pa.Array, indptr: Array) -> Masks:
    """A column without nulls as kernels compare it; unit u has the rows indptr[u]:indptr[u + 1]."""
    masks = packed(column)
    return Masks(masks.data, masks.offsets, masks.height_px, indptr)


def _side(side: Side) -> Masks:
    return masks_of(one_chunk(side.table["mask"]), side.indptr)


def pairs(detections: Side, annotations: Side, floor: float, _options: Mapping[str, Any]) -> Pairs:
    """IoU of masks; over crowds, intersection over the detection's area. As pycocotools' rleIou."""
    return Pairs(*mask_pairs(_side(detections), _side(annotations), annotations.crowd, floor))


def _boundary_side(side: Side, wanted: Array) -> Masks:
    """The boundaries of the `wanted` masks, as wide as a share of the diagonal, one px at least."""
    masks = packed(one_chunk(side.table["mask"]))
    diagonal_px = np.sqrt(masks.height_px**2 + masks.width_px**2)
    reach_px = np.maximum(1, np.rint(BOUNDARY_SHARE * diagonal_px)).astype(np.int64)
    return Masks(*boundaries(*masks, reach_px, wanted), masks.height_px, side.indptr)


def boundary_pairs(detections: Side, annotations: Side, floor: float, _options: Mapping[str, Any]) -> Pairs:
    """The smaller of the IoU of masks and that of their boundaries; over crowds that of masks.

    Source: Cheng et al., Boundary IoU, CVPR 2021, and their boundary-iou-api.
    """
    near = mask_pairs(_side(detections), _side(annotations), annotations.crowd, floor)
    meets = np.diff(near.indptr) > 0, np.bincount(near.annotation, minlength=len(annotations.crowd)) > 0
    found, labelled = (_boundary_side(*each) for each in zip((detections, annotations), meets, strict=True))
    return Pairs(*least_of(near, mask_pairs(found, labelled, annotations.crowd, floor), annotations.crowd))


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
