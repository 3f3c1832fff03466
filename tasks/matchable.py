"""A bucket's predictions and annotations under a protocol, as arrays in group order: unit by unit."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.records import Array, Protocol, Rules, Shape, Side
from tasks.canonical import content_keys
from tasks.columns import numbers
from tasks.kernels.grouping import group_annotations, group_detections
from tasks.units import CategoryIndex, UnitIndex


class Bucket(NamedTuple):
    """The units of one bucket: which rows they are in the index, in the order by which ties fall."""

    positions: Array
    """int64[U]: rows of the unit index."""
    local: Array
    """int32[highest unit_key + 1]: place of a unit in `positions` by its key; -1 elsewhere."""


class Detections(NamedTuple):
    """Predictions that the protocol judges, in group order."""

    side: Side
    category: Array
    rank: Array
    outside: Array
    """uint64[D]: bit a is set where the area lies outside range a."""
    outside_protocol: int
    """Predictions of the bucket whose source gave no such shape, or whose unit or class is retired."""


class Annotations(NamedTuple):
    """Annotations that the protocol judges, in group order."""

    side: Side
    category: Array
    ignored: Array
    """uint64[G]: bit a is set where the annotation does not count in range a."""
    outside_protocol: int


def bucket_of(units: UnitIndex, bucket: int, buckets: int, tie_order: str) -> Bucket:
    """The live units of a bucket; under `canonical` ties fall by key, which no file's order changes."""
    inside = np.flatnonzero((units.bucket(buckets) == bucket) & ~units.retired)
    order = units.source_order if tie_order == "file" else units.unit_key
    positions = inside[np.argsort(order[inside], kind="stable")]
    local = np.full(int(units.unit_key.max(initial=0)) + 1, -1, np.int32)
    local[units.unit_key[positions]] = np.arange(len(positions))
    return Bucket(positions, local)


def dense_categories(categories: CategoryIndex) -> Array:
    """int32[highest category_key + 1]: position of a live category by its key; -1 for retired ones."""
    dense = np.full(int(categories.category_key.max(initial=0)) + 1, -1, np.int32)
    live = categories.category_key[~categories.retired]
    dense[live] = np.arange(len(live))
    return dense


def outside_ranges(area_px2: Array, rules: Rules) -> Array:
    """uint64[n]: bit a is set where the area is below or above range a; bounds are inclusive."""
    bits = np.zeros(len(area_px2), np.uint64)
    for a, bounds in enumerate(rules.area_ranges):
        outside = (area_px2 < bounds.low_px2) | (area_px2 > bounds.high_px2)
        bits |= outside.astype(np.uint64) << np.uint64(a)
    return bits


def _judged(
    table: pa.Table, shape: Shape, bucket: Bucket, dense: Array, every: bool
) -> tuple[pa.Table, Array, Array, int]:
    """(rows judged, their unit's place, their class' position, how many were left out)."""
    unit = bucket.local[numbers(table["unit_key"])]
    category = dense[numbers(table["category_key"])]
    in_bucket = unit >= 0
    good = in_bucket & (category >= 0)
    if not every:
        good &= shape.given(table)
    left_out = int(in_bucket.sum() - good.sum())
    if not good.all():
        table, unit, category = table.filter(pa.array(good)), unit[good], category[good]
    return table, unit, category, left_out


def detections_of(
    table: pa.Table, shape: Shape, rules: Rules, bucket: Bucket, dense: Array, every: bool = False
) -> Detections:
    """Group the predictions; `every` takes rows whose source gave no such shape too (boxes: hulls)."""
    rows, unit, category, left_out = _judged(table, shape, bucket, dense, every)
    by_file = rules.tie_order == "file"
    tie = numbers(rows["prediction_key"]) if by_file else content_keys(rows, (*shape.needs, "area"))
    order, indptr, rank = group_detections(unit, category, numbers(rows["score"]), tie, len(bucket.positions))
    rows = rows.take(pa.array(order))
    outside = outside_ranges(numbers(rows["area"]), rules)
    return Detections(Side(indptr, rows, np.zeros(len(rows), bool)), category[order], rank, outside, left_out)


def _by_key(rows: pa.Table, unit: Array, category: Array) -> tuple[pa.Table, Array, Array]:
    """The annotations, their units and classes, by ascending annotation_key."""
    order = np.argsort(numbers(rows["annotation_key"]))
    return rows.take(pa.array(order)), unit[order], category[order]


def annotations_of(
    table: pa.Table, shape: Shape, protocol: Protocol, rules: Rules, bucket: Bucket, dense: Array
) -> Annotations:
    """Group the annotations; of equal similarities the later wins, so their order within a unit matters."""
    rows, unit, category, left_out = _judged(table, shape, bucket, dense, every=shape.name == "bounding_box")
    if rules.tie_order == "file":
        tie = np.arange(len(rows))
    else:  # equal content falls by key, which is made of the source's id and not of the row
        rows, unit, category = _by_key(rows, unit, category)
        tie = content_keys(rows, (*shape.needs, *protocol.truth_columns, "area", "iscrowd"))
    order, indptr = group_annotations(unit, tie, len(bucket.positions))
    rows = rows.take(pa.array(order))
    every_range = np.uint64((1 << len(rules.area_ranges)) - 1)
    ignored = np.where(protocol.ignored(rows), every_range, outside_ranges(numbers(rows["area"]), rules))
    crowd = numbers(rows["iscrowd"], missing=False)
    return Annotations(Side(indptr, rows, crowd), category[order], ignored, left_out)
