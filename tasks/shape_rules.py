"""What becomes of a record whose shape is not the one the ontology gives its class: named rules, or nothing."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.fields import ROTATED_BOX
from schemas.records import Array
from tasks.columns import numbers, one_chunk, struct_matrix
from tasks.shapes.bounding_box import CORNER
from tasks.shapes.rotatable_bounding_box import corner_lists, corners_px


class Rule(NamedTuple):
    """How a record of one shape serves a class of another."""

    name: str
    class_shape: str
    record_shape: str
    applies: Callable[[pa.Table], Array]
    """rows -> bool[n]"""
    convert: Callable[[pa.Table, Array], Mapping[str, pa.Array]]
    """(rows, bool[n] those converted) -> changed columns, n rows each."""


def _any(rows: pa.Table) -> Array:
    return np.ones(len(rows), bool)


def _as_it_is(rows: pa.Table, which: Array) -> Mapping[str, pa.Array]:
    return {}


def _has_box(rows: pa.Table) -> Array:
    return numbers(rows["bbox_given"], missing=False)


def _box_alone(rows: pa.Table, which: Array) -> Mapping[str, pa.Array]:
    outlines = [name for name in ("polygons", "mask") if name in rows.column_names]
    keep = pa.array(~which)
    changed = {name: pc.if_else(keep, one_chunk(rows[name]), pa.scalar(None, rows[name].type)) for name in outlines}
    return changed | {"shape": _named(rows, which, "bounding_box")}


def _unrotated(rows: pa.Table, which: Array) -> Mapping[str, pa.Array]:
    boxes = one_chunk(rows["bbox"])
    parts = [*boxes.flatten(), pa.array(np.zeros(len(rows)))]
    made = pa.StructArray.from_arrays(parts, fields=list(ROTATED_BOX), mask=pa.array(~which))
    boxes_px = struct_matrix(rows["bbox_px"], CORNER)
    corners = corner_lists(corners_px(np.hstack([boxes_px, np.zeros((len(rows), 1))])), which)
    changed = {"rotated_bbox": made, "keypoints_px": corners}
    for name in changed:
        if name in rows.column_names:
            changed[name] = pc.coalesce(changed[name], one_chunk(rows[name]))
    return {**changed, "shape": _named(rows, which, "rotatable_bounding_box")}


def _named(rows: pa.Table, which: Array, shape: str) -> pa.Array:
    return pc.if_else(pa.array(which), pa.scalar(shape), one_chunk(rows["shape"]).cast(pa.string()))


RULES: tuple[Rule, ...] = (
    Rule("mask-for-polygon", "polygon", "bitmask", _any, _as_it_is),
    Rule("polygon-for-mask", "bitmask", "polygon", _any, _as_it_is),
    Rule("box-beside-polygon", "bounding_box", "polygon", _has_box, _box_alone),
    Rule("box-beside-mask", "bounding_box", "bitmask", _has_box, _box_alone),
    Rule("box-without-rotation", "rotatable_bounding_box", "bounding_box", _has_box, _unrotated),
)
"""Every other pair of different shapes is rejected as shape_mismatch."""


def fit_shapes(rows: pa.Table, asked: pa.Array) -> tuple[pa.Table, Array]:
    """(rows brought to the shape their class asks for, bool[n] rows that no rule covers); null asks for nothing.

    `rows` has the columns of NORMALIZED that hold anything; records that say no shape fit every class.
    """
    found = one_chunk(rows["shape"]).cast(pa.string())
    bad = numbers(pc.fill_null(pc.not_equal(found, asked), False))
    if not bad.any():
        return rows, bad
    for rule in RULES:
        pair = pc.and_(pc.equal(asked, rule.class_shape), pc.equal(found, rule.record_shape))
        which = bad & numbers(pc.fill_null(pair, False))
        if which.any():
            which &= rule.applies(rows)
            for name, column in rule.convert(rows, which).items():
                rows = _with(rows, name, column)
            bad = bad & ~which
    return rows, bad


def _with(rows: pa.Table, name: str, column: pa.Array) -> pa.Table:
    place = rows.column_names.index(name) if name in rows.column_names else None
    return rows.append_column(name, column) if place is None else rows.set_column(place, name, column)
