"""Annotation Duplicates: how much of an object another of its class on the same data unit covers."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.fields import Field
from tasks.columns import bytes_parts
from tasks.kernels.duplicates import NOBODY, Extents, Highest, highest_overlaps
from tasks.kernels.mask_iou import Masks, mask_pairs
from tasks.quality.bucket import Array, Bucket
from tasks.quality.metric import QualityMetric, Values
from tasks.quality.outlines import areas_of, extents_of, kinds_of, outlines_of

_ANY_OVERLAP = float(np.finfo(float).tiny)


def _groups(bucket: Bucket, which: Array) -> tuple[Array, Array]:
    """(int64[M] objects of `which` by unit and class, ascending; int64[G+1] where each group begins)."""
    rows = np.flatnonzero(which)
    unit, category = bucket.objects.unit[rows], bucket.objects.category[rows]
    order = np.lexsort((category, unit))
    member, unit, category = rows[order], unit[order], category[order]
    new = (np.diff(unit) != 0) | (np.diff(category) != 0)
    return member, np.concatenate([[0], np.flatnonzero(new) + 1, [len(member)]]).astype(np.int64)


def _of_masks(bucket: Bucket, which: Array) -> Highest:
    """What raster masks have with one another; nothing for all other objects."""
    highest = Highest(np.zeros(len(which)), np.full(len(which), NOBODY))
    if not which.any():
        return highest
    member, indptr = _groups(bucket, which)
    counts = pc.struct_field(bucket.column("mask").take(pa.array(member)), "counts")
    masks = Masks(*bytes_parts(counts), np.ascontiguousarray(bucket.size_px[member, 1]).astype(np.int64), indptr)
    pairs = mask_pairs(masks, masks, np.zeros(len(member), bool), _ANY_OVERLAP)
    row, other = np.repeat(np.arange(len(member)), np.diff(pairs.indptr)), pairs.annotation.astype(np.int64)
    apart = row != other
    row, other, iou = row[apart], other[apart], pairs.similarity[apart]
    order = np.lexsort((other, -iou, row))
    first = order[np.concatenate([[True], np.diff(row[order]) != 0])] if len(row) else order
    highest.iou[member[row[first]]], highest.partner[member[row[first]]] = iou[first], member[other[first]]
    return highest


def highest_of(bucket: Bucket) -> Highest:
    """The highest IoU of each object with another of its class on its unit, and with which (place in the bucket)."""
    kinds, areas = bucket.once(kinds_of), bucket.once(areas_of)
    highest = _of_masks(bucket, kinds.mask)
    box = kinds.box | (kinds.chain & bucket.is_shape("skeleton"))
    extents = Extents(bucket.once(extents_of), areas, box, kinds.mask)
    which = (box | kinds.rotated | kinds.polygon | kinds.mask) & (areas > 0)
    highest_overlaps(bucket.once(outlines_of), extents, *_groups(bucket, which), highest)
    return highest


def of_objects(bucket: Bucket, _state: Any) -> Values:
    """Null for points and polylines, which cover nothing; 0 without partner where no other of the class overlaps."""
    highest, key = bucket.once(highest_of), bucket.objects.key
    nothing = bucket.once(kinds_of).chain & ~bucket.is_shape("skeleton")
    alone = highest.partner == NOBODY
    partner = pa.array(key[np.where(alone, 0, highest.partner)] if len(key) else key, mask=alone)
    return {
        "annotation_duplicates": np.where(nothing, np.nan, highest.iou),
        "annotation_duplicates_partner": partner,
    }


METRIC = QualityMetric(
    name="annotation_duplicates",
    fields=(
        Field(
            "annotation_duplicates",
            pa.float64(),
            "highest IoU with another of the same class on the unit; 0.6 and more: possible duplicates; null: a point "
            "or polyline",
        ),
        Field(
            "annotation_duplicates_partner",
            pa.int64(),
            "that other: prediction_key or annotation_key, as the row's own; null: none overlaps",
        ),
    ),
    of_objects=of_objects,
)
