"""A bucket's predictions and annotations under a protocol, as arrays in group order: unit by unit."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.judging import Annotations, Detections, Judged
from schemas.records import Array, Protocol, Rules, Shape, Side
from tasks.canonical import content_keys
from tasks.class_mapping import class_positions, measured_classes
from tasks.columns import numbers, only_read
from tasks.kernels.grouping import group_annotations, group_detections
from tasks.shapes import SHAPES
from tasks.units import UnitIndex


class Bucket(NamedTuple):
    """The units of one bucket: which rows they are in the index, in the order by which ties fall."""

    positions: Array
    """int64[U]: rows of the unit index."""
    order: Array
    """int64[U], ascending: by which ties between units fall."""
    local: Array
    """int32[highest unit_key + 1]: place of a unit in `positions` by its key; -1 elsewhere."""
    width_px: Array
    """float64[U]"""
    height_px: Array
    """float64[U]"""


class Classes(NamedTuple):
    """The classes that are measured, in the official order; under a class mapping what it makes one is one."""

    dense: Array
    """int32[highest category_key + 1]: position of a class by its key; -1 for what is not measured."""
    names: tuple[str, ...]
    """Empty where a class has none."""
    shapes: tuple[str | None, ...] = ()
    """What the ontology gives each of them; None where it says nothing."""


def classes_of(categories: pa.Table) -> Classes:
    """The measured classes of a `categories` table, which holds every class: keys of both sides lead to them."""
    measured = measured_classes(categories)
    names, shapes = (measured[column].to_pylist() for column in ("name", "shape"))
    return Classes(class_positions(categories), tuple(name or "" for name in names), tuple(shapes))


def bucket_of(units: UnitIndex, bucket: int, buckets: int, tie_order: str) -> Bucket:
    """The live units of a bucket; under `canonical` ties fall by key, which no file's order changes."""
    inside = np.flatnonzero((units.bucket(buckets) == bucket) & ~units.retired)
    order = units.ties(tie_order)
    positions = inside[np.argsort(order[inside], kind="stable")]
    order = order[positions]
    local = np.full(int(units.unit_key.max(initial=0)) + 1, -1, np.int32)
    local[units.unit_key[positions]] = np.arange(len(positions))
    return Bucket(positions, order, local, units.width_px[positions], units.height_px[positions])


def outside_ranges(area_px2: Array, rules: Rules) -> Array:
    """uint64[n]: bit a is set where the area is below or above range a; bounds are inclusive."""
    bits = np.zeros(len(area_px2), np.uint64)
    for a, bounds in enumerate(rules.area_ranges):
        outside = (area_px2 < bounds.low_px2) | (area_px2 > bounds.high_px2)
        bits |= outside.astype(np.uint64) << np.uint64(a)
    return bits


def _judged(
    table: pa.Table, shape: Shape, bucket: Bucket, classes: Classes, every: bool
) -> tuple[pa.Table, Array, Array, int]:
    """(rows judged, their unit's place, their class' position, how many were left out)."""
    unit = bucket.local.take(numbers(table["unit_key"]))
    category = classes.dense.take(numbers(table["category_key"]))
    in_bucket = unit >= 0
    good = in_bucket & (category >= 0)
    if "task" in table.column_names:
        good &= ~numbers(table["task"].is_valid())
    if not every:
        good &= shape.given(table)
    left_out = int(in_bucket.sum() - good.sum())
    if not good.all():
        table, unit, category = table.filter(pa.array(good)), unit[good], category[good]
    return table, unit, category, left_out


def detections_of(
    table: pa.Table, protocol: Protocol, rules: Rules, bucket: Bucket, classes: Classes, every: bool = False
) -> Detections:
    """Group the predictions; `every` takes rows whose source gave no such shape too (boxes: hulls).

    Rows of another task (where the table says so) are none of the protocol's.
    """
    shape = SHAPES[protocol.shape]
    table = table.combine_chunks()  # else every look at a column puts it together anew
    rows, unit, category, left_out = _judged(table, shape, bucket, classes, every)
    by_file, score = rules.tie_order == "file", numbers(rows["score"])
    tie = numbers(rows["prediction_key"]) if by_file else np.zeros(len(rows), np.int64)
    order, indptr, rank = group_detections(unit, category, only_read(score), only_read(tie), len(bucket.positions))
    if not by_file:
        order = _by_content(order, rank, score, rows, (*shape.needs, *protocol.found_columns, "area"))
    rows, category = pc.take(rows, pa.array(order), boundscheck=False), category.take(order)
    judged = Judged(rows, category, classes.names, classes.shapes)
    outside = (protocol.found_outside or _outside_by_area)(judged, rules)
    side = Side(indptr, rows, np.zeros(len(rows), bool), bucket.width_px, bucket.height_px)
    return Detections(side, category, score.take(order), rank, outside, left_out, classes.names)


def _by_content(order: Array, rank: Array, score: Array, rows: pa.Table, columns: tuple[str, ...]) -> Array:
    """`order`, with the detections of a unit and class that are scored alike by what their columns hold; few are.

    Where they hold the same, they stay as they were.
    """
    falling = score.take(order)
    alike = (rank[1:] > 0) & (falling[1:] == falling[:-1])
    places = np.flatnonzero(np.append(alike, False) | np.append(False, alike))
    if not len(places):
        return order
    run = np.cumsum(np.append(True, ~alike))[places]
    tied = order[places]
    keys = content_keys(rows.select(list(dict.fromkeys(columns))).take(pa.array(tied)), columns)
    ordered = order.copy()
    ordered[places] = tied[np.lexsort((keys, run))]
    return ordered


def _outside_by_area(judged: Judged, rules: Rules) -> Array:
    return outside_ranges(numbers(judged.table["area"]), rules)


def is_crowd(rows: pa.Table) -> Array:
    """bool[n]: rows that say so."""
    return numbers(rows["iscrowd"], missing=False)


def _by_key(rows: pa.Table, unit: Array, category: Array) -> tuple[pa.Table, Array, Array]:
    """The annotations, their units and classes, by ascending annotation_key."""
    order = np.argsort(numbers(rows["annotation_key"]))
    return rows.take(pa.array(order)), unit[order], category[order]


def annotations_of(
    table: pa.Table, protocol: Protocol, rules: Rules, bucket: Bucket, classes: Classes, every: bool = False
) -> Annotations:
    """Group the annotations; `every` as of predictions.

    Of equal similarities the later wins, so their order within a unit matters.
    """
    shape = SHAPES[protocol.shape]
    rows, unit, category, left_out = _judged(table, shape, bucket, classes, every)
    if rules.tie_order == "file":
        tie = np.arange(len(rows))
    else:  # equal content falls by key, which is made of the source's id and not of the row
        rows, unit, category = _by_key(rows, unit, category)
        tie = content_keys(rows, (*shape.needs, *protocol.truth_columns, "area", "iscrowd"))
    order, indptr = group_annotations(unit, tie, len(bucket.positions))
    judged = Judged(rows.take(pa.array(order)), category[order], classes.names, classes.shapes)
    outside = (protocol.truth_outside or _outside_by_area)(judged, rules)
    every_range = np.uint64((1 << len(rules.area_ranges)) - 1)
    ignored = np.where((protocol.ignored or is_crowd)(judged.table), every_range, outside)
    crowd = is_crowd(judged.table) if protocol.crowd is None else protocol.crowd(judged)
    side = Side(indptr, judged.table, crowd, bucket.width_px, bucket.height_px)
    return Annotations(side, judged.category, ignored, left_out)
