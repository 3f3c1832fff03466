"""Normalize: records in the source's units become relative geometry, with what exactness needs beside it."""

from collections.abc import Mapping
from itertools import pairwise
from math import isfinite
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.records import Array, Extent, Normalized, Shape
from schemas.rejects import Reason, Stage
from tasks.columns import constant, dictionary, list_parts, matrix_struct, numbers, place, struct_matrix, without_nulls
from tasks.rejects import rejects_of
from tasks.relative import in_pixels
from tasks.shapes import SHAPES
from tasks.shapes.bounding_box import CORNER, relative_boxes
from tasks.units import UnitIndex, UnitNames, locate

RELATIVE = "relative"
LEAVES_IMAGE = "leaves_image"
"""Column of rows whose box leaves its image, or did until it was clipped; not there where none does."""
_ROUNDING_PX = 1e-3
"""What float32 leaves of x + w = 1: a box that ends this far beyond the border, px, ends at it."""
_LARGEST = 1 << 53
"""Of the numbers of a box, and of areas: up to here float64 and whole numbers of 64 bits say the same."""
_ORDINARY = 1 << 26
"""A box whose numbers go no further has ends and an area that are within the largest."""
PASSED_ON = (
    "source_file", "source_row", "source_unit", "source_category", "source_id",
    "frame", "score", "track_id", "shape", "iscrowd", "ignore", "task",
    "truncated", "occluded", "difficult", "group_of", "alpha", "box_3d", "class_probabilities",
)  # fmt: skip
"""Columns that normalize leaves as they are."""


_OWNERS = tuple(reversed({shape.column: shape for shape in reversed([*SHAPES.values()])}.values()))
"""The first shape of each column normalizes it; another (a point, which is a skeleton of one) only compares it."""


class Step(NamedTuple):
    """What a step made of some rows: rows in = len(table) + len(rejects)."""

    table: pa.Table
    rejects: pa.Table


class _Geometry:
    """The columns, hulls and areas that the shapes of some rows give, put together."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.columns: dict[str, pa.Array] = {}
        self.faults: dict[int, tuple[str, str]] = {}
        self._done: list[tuple[Shape, Array, Normalized]] = []

    def add(self, shape: Shape, values: pa.Array, extent: Extent, relative: bool) -> None:
        """Let the shape that owns a column take its rows; what came in relative stays as it came, to the last place."""
        where = np.flatnonzero(values.is_valid())
        if len(where) < self.rows:
            values, extent = without_nulls(values), Extent(*(size[where] for size in extent))
        done = shape.normalize(in_pixels(values, extent) if relative else values, extent)
        for key, made in done.columns.items():
            placed = place(values if relative and key == shape.column else made, where, self.rows)
            self.columns[key] = pc.coalesce(self.columns[key], placed) if key in self.columns else placed
        self._done.append((shape, where, done))
        for row, code, text in zip(where[done.faults.rows].tolist(), done.faults.codes, done.faults.texts, strict=True):
            self.faults.setdefault(row, (code, text))

    def hull_px(self) -> Array:
        """float64[n, 4]: the hull of the first shape that has one; NaN where none has."""
        result = np.full((self.rows, 4), np.nan)
        for _, where, done in self._done:
            if done.hull_px is not None:
                missing = np.isnan(result[where, 0])
                result[where[missing]] = done.hull_px()[missing]
        return result

    def area_px2(self, stated: Array, predictions: bool) -> Array:
        """The stated area; else of predictions the box' own, as pycocotools' loadRes, also over the mask's; else of
        annotations the outline's, which is what COCO's own files state.
        """
        result = stated.copy()
        for _, where, done in sorted(self._done, key=lambda item: item[0].outlines and not predictions, reverse=True):
            missing = np.isnan(result[where])
            if missing.any():
                result[where[missing]] = done.area_px2()[missing]
        return result


def _num_keypoints(records: pa.RecordBatch) -> pa.Array:
    """The file's count, else the labelled points."""
    stated = records.column("num_keypoints")
    keypoints = records.column("keypoints")
    if keypoints.null_count == len(keypoints) or stated.null_count == 0:
        return stated
    where = np.flatnonzero(keypoints.is_valid())
    values, offsets = list_parts(keypoints.drop_null())
    labelled = np.concatenate([[0], np.cumsum(numbers(values.field("visibility"), missing=0) > 0)])
    counted = place(pa.array(np.diff(labelled[offsets]).astype(np.int32)), where, len(records))
    return pc.coalesce(stated, counted)


def _normalized(
    records: pa.RecordBatch, extent: Extent, predictions: bool, outside: str
) -> tuple[dict[str, pa.Array], _Geometry]:
    """Columns of NORMALIZED that records with known units get from their geometry."""
    geometry = _Geometry(len(records))
    relative = len(records) > 0 and records.column("coordinates")[0].as_py() == RELATIVE  # a run says one thing
    for shape in _OWNERS:
        column = records.column(shape.column)
        if column.null_count < len(records):
            geometry.add(shape, column, extent, relative)
    columns: dict[str, pa.Array] = dict(geometry.columns)
    if "bbox_given" not in columns or columns["bbox_given"].null_count:
        _complete_boxes(columns, geometry.hull_px(), extent)
    stated = numbers(records.column("area")).astype(float)
    columns["area"] = pa.array(geometry.area_px2(stated, predictions))
    _hold_inside(columns, geometry, extent, outside)
    _refuse_huge(columns, geometry)
    columns["num_keypoints"] = _num_keypoints(records)
    return columns, geometry


def _complete_boxes(columns: dict[str, pa.Array], hull_px: Array, extent: Extent) -> None:
    """Where the source gave no box, the hull of what it gave stands in."""
    nothing = np.isnan(hull_px[:, 0])
    hulls = {
        "bbox_px": matrix_struct(hull_px, CORNER, nothing),
        "bbox": matrix_struct(relative_boxes(hull_px, extent), CORNER, nothing),
        "bbox_given": pa.array(np.zeros(len(hull_px), bool)),
    }
    for name, column in hulls.items():
        columns[name] = pc.coalesce(columns[name], column) if name in columns else column


def _refuse_huge(columns: dict[str, pa.Array], geometry: _Geometry) -> None:
    """Refuse rows of which the box, one of its ends or an area is not finite, or beyond the largest number."""
    x, y, w, h = (numbers(pc.struct_field(columns["bbox_px"], name)) for name in CORNER)
    area = numbers(columns["area"])
    if all(_within(side, _ORDINARY) for side in (x, y, w, h)) and _within(area, _LARGEST):
        return
    made = {"x": x, "y": y, "w": w, "h": h, "x + w": x + w, "y + h": y + h, "w h": w * h, "area": area}
    no_box = ~numbers(columns["bbox_px"].is_valid())
    beyond = {name: ~((np.abs(values) <= _LARGEST) | no_box) for name, values in made.items()}
    beyond["area"] = ~((np.abs(area) <= _LARGEST) | np.isnan(area))
    for row in np.flatnonzero(np.logical_or.reduce([*beyond.values()])).tolist():
        name = next(name for name in made if beyond[name][row])
        geometry.faults.setdefault(row, _huge(name, {name: float(values[row]) for name, values in made.items()}))


def _within(values: Array, limit: int) -> bool:
    """Whether all are -limit to limit; none is NaN then."""
    return bool(values.min(initial=0.0) >= -limit and values.max(initial=0.0) <= limit)


def _huge(name: str, made: Mapping[str, float]) -> tuple[str, str]:
    """(code, text) of a row whose number `name` is too large."""
    box = ", ".join(f"{side} {made[side]:g}" for side in CORNER)
    text = f"{name} is {made[name]:g} with the box {box} px, allowed is"
    if not isfinite(made[name]):
        return str(Reason.NOT_FINITE), f"{text} a finite number"
    return str(Reason.OUT_OF_RANGE), f"{text} {-_LARGEST} to {_LARGEST}"


def _outside(columns: dict[str, pa.Array], extent: Extent) -> Array:
    """bool[n]: rows whose source gave a box that leaves the image."""
    if "bbox_given" not in columns:
        return np.zeros(len(extent.width_px), bool)
    x, y, w, h = (numbers(pc.struct_field(columns["bbox_px"], name)) for name in CORNER)
    before = (x < -_ROUNDING_PX) | (y < -_ROUNDING_PX)
    beyond = (x + w > extent.width_px + _ROUNDING_PX) | (y + h > extent.height_px + _ROUNDING_PX)
    return (before | beyond) & numbers(columns["bbox_given"], missing=False)


def _hold_inside(columns: dict[str, pa.Array], geometry: _Geometry, extent: Extent, outside: str) -> None:
    """Mark boxes that leave their image, and clip or refuse them where that is asked for."""
    leaves = _outside(columns, extent)
    if not leaves.any():
        return
    columns[LEAVES_IMAGE] = pa.array(leaves)
    if outside == "clip":
        _clip(columns, leaves, extent)
    elif outside == "reject":
        for row in np.flatnonzero(leaves).tolist():
            geometry.faults.setdefault(row, (str(Reason.LEAVES_IMAGE), "the box leaves the image"))


def _clip(columns: dict[str, pa.Array], outside: Array, extent: Extent) -> None:
    """Cut the boxes of `outside` at the image's border, and with them the areas that are the boxes'."""
    boxes = struct_matrix(columns["bbox_px"], CORNER)
    sizes = np.stack([extent.width_px, extent.height_px], axis=1)
    low = np.clip(boxes[:, :2], 0, sizes)
    cut = np.hstack([low, np.clip(boxes[:, :2] + boxes[:, 2:], 0, sizes) - low])
    columns["bbox_px"] = matrix_struct(np.where(outside[:, None], cut, boxes), CORNER, np.isnan(boxes[:, 0]))
    relative = np.where(outside[:, None], relative_boxes(cut, extent), struct_matrix(columns["bbox"], CORNER))
    columns["bbox"] = matrix_struct(relative, CORNER, np.isnan(boxes[:, 0]))
    area = numbers(columns["area"])
    of_box = outside & (area == boxes[:, 2] * boxes[:, 3])
    columns["area"] = pa.array(np.where(of_box, cut[:, 2] * cut[:, 3], area))


def _carried(records: pa.RecordBatch) -> dict[str, pa.Array]:
    columns = {name: records.column(name) for name in PASSED_ON}
    return {name: column for name, column in columns.items() if column.null_count < len(column) or not len(column)}


def _stranded(records: pa.RecordBatch) -> pa.Table:
    """Records whose unit nobody knows: without a size they keep their source's coordinates until resolve says why."""
    geometry: Mapping[str, pa.Array] = {
        shape.column: records.column(shape.column)
        for shape in SHAPES.values()
        if records.column(shape.column).null_count < len(records)
    }
    stated = {name: records.column(name) for name in ("area", "num_keypoints")}
    there = {name: column for name, column in stated.items() if column.null_count < len(records)}
    words = {"coordinates": dictionary(records.column("coordinates"))}
    return pa.table({**_carried(records), **geometry, **there, **words})


def _runs(records: pa.RecordBatch) -> list[pa.RecordBatch]:
    """Stretches of rows of the same coordinates, in order."""
    column = records.column("coordinates")
    words = column.dictionary if isinstance(column, pa.DictionaryArray) else pc.unique(column)
    if len(words) < 2:
        return [records]
    relative = numbers(pc.equal(column.cast(pa.string()), RELATIVE))
    cuts = [0, *(np.flatnonzero(np.diff(relative)) + 1).tolist(), len(records)]
    return [records.slice(start, stop - start) for start, stop in pairwise(cuts)]


def normalize_records(
    records: pa.RecordBatch, units: UnitIndex, names: UnitNames, predictions: bool, outside: str = "keep"
) -> Step:
    """Columns of NORMALIZED for one block of RECORDS; `unit_position` is the unit's row in the index, or below 0.

    Damaged geometry is rejected here, and boxes that leave their image where `outside` says so; `leaves_image` marks
    those that stay. Empty in, empty out.
    """
    steps = [_normalize_run(run, units, names, predictions, outside) for run in _runs(records)]
    if len(steps) == 1:
        return steps[0]
    return Step(
        pa.concat_tables([step.table for step in steps], promote_options="permissive"),
        pa.concat_tables([step.rejects for step in steps]),
    )


def _normalize_run(
    records: pa.RecordBatch, units: UnitIndex, names: UnitNames, predictions: bool, outside: str
) -> Step:
    position = locate(records.column("source_unit"), records.column("frame"), names, units)
    known = position >= 0
    lost = records.filter(pa.array(~known)) if not known.all() else None
    if lost is not None:
        records, lost_position, position = records.filter(pa.array(known)), position[~known], position[known]
    extent = Extent(units.width_px[position], units.height_px[position])
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite in the end is refused
        columns, geometry = _normalized(records, extent, predictions, outside)
    table = pa.table({**_carried(records), **columns, "unit_position": pa.array(position)})
    table = table.append_column("coordinates", constant(RELATIVE, len(table)))
    rows = sorted(geometry.faults)
    rejects = rejects_of(records, rows, [geometry.faults[row] for row in rows], Stage.NORMALIZE)
    if rows:
        good = np.ones(len(table), bool)
        good[rows] = False
        table = table.filter(pa.array(good))
    if lost is not None:
        stranded = _stranded(lost).append_column("unit_position", pa.array(lost_position))
        table = pa.concat_tables([table, stranded], promote_options="permissive")
    return Step(table, rejects)
