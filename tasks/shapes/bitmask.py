"""Raster masks in COCO's compressed run lengths, column by column; compared by intersection over union of pixels."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from schemas.records import Array, Extent, Faults, Normalized, Pairs, Shape, Side
from schemas.rejects import Reason
from tasks.columns import bytes_parts, numbers, one_chunk
from tasks.kernels.mask_iou import mask_pairs
from tasks.kernels.pairs import candidate_pairs
from tasks.kernels.rle import FAULTS, area, boxes, check_counts, decode_runs


class Runs(NamedTuple):
    """Masks as run lengths, starting with background: flat uint32 runs and int64[n+1] offsets."""

    runs: Array
    offsets: Array
    height_px: Array


def read_runs(masks: pa.Array) -> Runs:
    """The runs of a mask column without nulls, already checked."""
    data, offsets = bytes_parts(masks.field("counts"))
    return Runs(*decode_runs(data, offsets), numbers(masks.field("height")).astype(np.int64))


def faults(masks: pa.Array, extent: Extent) -> Faults:
    """Masks that no reader may touch: damaged run lengths, or a size other than the unit's."""
    data, offsets = bytes_parts(masks.field("counts"))
    height, width = (numbers(masks.field(name)).astype(np.int64) for name in ("height", "width"))
    codes = check_counts(data, offsets, height, width)
    other_size = (codes == 0) & ((height != extent.height_px) | (width != extent.width_px))
    rows = np.flatnonzero((codes != 0) | other_size)
    reasons, texts = [], []
    for row in rows.tolist():
        found = f"mask of {width[row]} x {height[row]} pixels"
        if other_size[row]:
            reasons.append(Reason.MASK_SIZE_MISMATCH)
            texts.append(f"{found}; the unit has {extent.width_px[row]:.0f} x {extent.height_px[row]:.0f}")
        else:
            reasons.append(Reason.INVALID_MASK)
            texts.append(f"{found}: {FAULTS[codes[row]]}")
    return Faults(rows, [str(reason) for reason in reasons], texts)


def normalize(values: pa.Array, extent: Extent) -> Normalized:
    """Masks stay as they are; what they cover is measured."""
    bad = faults(values, extent)
    good = np.ones(len(values), bool)
    good[bad.rows] = False
    hull, areas = np.full((len(values), 4), np.nan), np.full(len(values), np.nan)
    runs = read_runs(values.filter(pa.array(good)) if len(bad.rows) else values)
    hull[good] = boxes(runs.runs, runs.offsets, runs.height_px)
    areas[good] = area(runs.runs, runs.offsets)
    return Normalized({"mask": values}, hull, areas, bad)


def given(table: pa.Table) -> Array:
    """Rows that have a raster mask: bitmasks and polygons."""
    return numbers(one_chunk(table["mask"]).is_valid())


def pairs(detections: Side, annotations: Side, floor: float, _options: Mapping[str, Any]) -> Pairs:
    """IoU of masks; over crowds, intersection over the detection's area. As pycocotools' rleIou."""
    found, labelled = (read_runs(one_chunk(side.table["mask"])) for side in (detections, annotations))
    found_boxes, labelled_boxes = boxes(*found), boxes(*labelled)
    near = candidate_pairs(found_boxes, detections.indptr, labelled_boxes, annotations.indptr)
    return Pairs(
        *mask_pairs(
            *near,
            found.runs,
            found.offsets,
            labelled.runs,
            labelled.offsets,
            annotations.crowd,
            floor,
        )
    )


SHAPE = Shape(
    name="bitmask",
    column="mask",
    similarity="mask_iou",
    normalize=normalize,
    needs=("mask",),
    given=given,
    pairs=pairs,
)
