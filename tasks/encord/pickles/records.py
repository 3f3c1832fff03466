"""Columns of a loaded pickle as records: ranges checked, arrays decoded, the rest refused one by one."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa

from schemas.records import Array, Block, Source
from schemas.rejects import Reason, Stage
from schemas.tables import ANSWER_RECORDS, RECORDS
from tasks.columns import bytes_column, completed, matrix_struct, numbers, place
from tasks.encord.pickles.arrays import Unfit, check_points, content_of, mask_runs, outline
from tasks.encord.pickles.raw import BOX, RUN_LENGTHS
from tasks.kernels.rle import encode_runs
from tasks.rejects import SCHEMA, capped, rejects_table

_LAST_FRAME = 2**31 - 1
_FULL_TURN_DEG = 360.0
_FEWEST = {"polygon": 3, "polyline": 2}
_CORNER = BOX[:4]


class Part(NamedTuple):
    """Some rows of a file: a batch of RAW, and the position of its first row."""

    raw: pa.RecordBatch
    first_row: int


class _Rows:
    """A batch and what is found wrong with its rows: the first fault of each counts."""

    def __init__(self, part: Part, source: Source) -> None:
        self.raw, self.source, self.count = part.raw, source, len(part.raw)
        self.faults: dict[int, tuple[str, str]] = {}
        codes, texts = part.raw.column("fault_code"), part.raw.column("fault")
        if codes.null_count < self.count:
            for row, (code, text) in enumerate(zip(codes.to_pylist(), texts.to_pylist(), strict=True)):
                if code is not None:
                    self.faults[row] = (code, text)

    def refuse(self, bad: Array, code: Reason, text: Callable[[int], str]) -> None:
        """Find fault with the rows where `bad` (bool[n]) is set."""
        for row in np.flatnonzero(bad).tolist():
            self.faults.setdefault(row, (str(code), text(row)))

    def good(self) -> Array:
        """bool[n]"""
        good = np.ones(self.count, bool)
        good[list(self.faults)] = False
        return good

    def floats(self, name: str) -> Array:
        """float64[n], NaN where there is none."""
        return numbers(self.raw.column(name))


class _Lists:
    """Rows of points, or of bytes, to be put side by side in a column."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.parts: list[Array] = []

    def add(self, row: int, part: Array) -> None:
        self.rows.append(row)
        self.parts.append(part)

    def offsets(self) -> Array:
        """int32[rows + 1]"""
        return np.cumsum([0, *(len(part) for part in self.parts)]).astype(np.int32)

    def points(self) -> pa.Array:
        """list<struct<x, y>> of the rows."""
        values = matrix_struct(np.concatenate(self.parts), ("x", "y"))
        return pa.ListArray.from_arrays(pa.array(self.offsets()), values)

    def placed(self, column: pa.Array, count: int) -> pa.Array:
        """`column`, a value a row of these, among `count` rows."""
        return place(column, np.array(self.rows, np.int64), count)


def _check_numbers(rows: _Rows) -> None:
    score = rows.raw.column("confidence")
    values = numbers(score)
    missing = ~numbers(score.is_valid())
    rows.refuse(missing, Reason.MISSING_FIELD, lambda row: "confidence is missing")
    rows.refuse(~np.isfinite(values), Reason.NOT_FINITE, lambda row: f"confidence is {values[row]}")
    beyond = (values < 0) | (values > 1)
    rows.refuse(beyond, Reason.OUT_OF_RANGE, lambda row: f"confidence is {values[row]}; 0 to 1 is allowed")
    frame = numbers(rows.raw.column("frame"), missing=0)
    bad = (frame < 0) | (frame > _LAST_FRAME)
    rows.refuse(bad, Reason.OUT_OF_RANGE, lambda row: f"frame is {frame[row]}; 0 to {_LAST_FRAME} is allowed")


def _boxes(rows: _Rows, forms: Array) -> dict[str, pa.Array]:
    """The columns bbox and rotated_bbox, after a look at their numbers."""
    given = (forms == "bounding-box") | (forms == "rotatable-bounding-box")
    given[list(rows.faults)] = False
    sides = np.stack([rows.floats(name) for name in BOX], axis=1)
    sides[:, 4] = np.where(numbers(rows.raw.column("theta").is_valid()), sides[:, 4], 0.0)
    finite = np.isfinite(sides).all(axis=1)
    rows.refuse(given & ~finite, Reason.NOT_FINITE, lambda row: f"the box is {_said(sides[row])}")
    small = (sides[:, 2] < 0) | (sides[:, 3] < 0)
    rows.refuse(given & small, Reason.INVALID_BOX, lambda row: f"the box is {_said(sides[row])}; w and h are below 0")
    theta = sides[:, 4]
    bad = given & finite & ((theta < 0) | (theta > _FULL_TURN_DEG))
    rows.refuse(bad, Reason.OUT_OF_RANGE, lambda row: f"theta is {theta[row]:g}; 0 to 360 degrees are allowed")
    turned = given & ((theta != 0) | (forms == "rotatable-bounding-box"))
    straight = given & ~turned
    columns = {}
    if straight.any():
        columns["bbox"] = matrix_struct(sides[:, :4], _CORNER, ~straight)
    if turned.any():
        columns["rotated_bbox"] = matrix_struct(sides, BOX, ~turned)
    forms[turned] = "rotatable-bounding-box"
    return columns


def _said(sides: Array) -> str:
    return ", ".join(f"{name} {side:g}" for name, side in zip(BOX, sides, strict=True))


def _arrays(rows: _Rows, forms: Array) -> dict[str, pa.Array]:
    """The columns polygons, polyline and mask, of arrays and of points in sequence."""
    outlines: dict[str, _Lists] = {"polygon": _Lists(), "polyline": _Lists()}
    masks, packed = _Lists(), _Lists()
    sizes: dict[int, list[int]] = {}
    for row, described in _sparse(rows.raw.column("array")):
        form = forms[row]
        try:
            if form in outlines:
                outlines[form].add(row, outline(described, rows.source, _FEWEST[form]))
            elif described["dtype"] == RUN_LENGTHS:
                packed.add(row, np.frombuffer(content_of(described, rows.source), np.uint8))
            else:
                masks.add(row, mask_runs(described, rows.source))
            sizes[row] = described["shape"]
        except Unfit as why:
            rows.faults.setdefault(row, (str(why.code), why.text))
    for row, points in _sparse(rows.raw.column("points")):
        if forms[row] in outlines:
            _add_outline(rows, row, points, outlines[forms[row]], _FEWEST[forms[row]])
    return {**_outline_columns(outlines, rows.count), **_mask_column(masks, packed, sizes, rows.count)}


def _sparse(column: pa.Array) -> Iterable[tuple[int, Any]]:
    """(row, value) of the values that are there."""
    if column.null_count == len(column):
        return []
    where = np.flatnonzero(numbers(column.is_valid())).tolist()
    return zip(where, column.drop_null().to_pylist(), strict=True)


def _add_outline(rows: _Rows, row: int, points: list[dict[str, Any]], into: _Lists, fewest: int) -> None:
    flat = [point[axis] for point in points for axis in ("x", "y")]
    try:
        if None in flat:
            raise Unfit(Reason.INVALID_POLYGON, "a point is no pair of numbers")
        into.add(row, check_points(np.array(flat, np.float64).reshape(-1, 2), fewest))
    except Unfit as why:
        rows.faults.setdefault(row, (str(why.code), why.text))


def _outline_columns(outlines: dict[str, _Lists], count: int) -> dict[str, pa.Array]:
    columns = {}
    polygon, polyline = outlines["polygon"], outlines["polyline"]
    for found in (polygon, polyline):
        found.rows, found.parts = _in_order(found)
    if polygon.rows:
        one_each = pa.array(np.arange(len(polygon.rows) + 1, dtype=np.int32))
        rings = pa.ListArray.from_arrays(one_each, polygon.points())
        columns["polygons"] = polygon.placed(pa.ListArray.from_arrays(one_each, rings), count)
    if polyline.rows:
        columns["polyline"] = polyline.placed(polyline.points(), count)
    return columns


def _in_order(found: _Lists) -> tuple[list[int], list[Array]]:
    """Rows ascending: those of arrays were found before those of sequences."""
    pairs = sorted(zip(found.rows, found.parts, strict=True), key=lambda pair: pair[0])
    return [row for row, _ in pairs], [part for _, part in pairs]


def _mask_column(masks: _Lists, packed: _Lists, sizes: dict[int, list[int]], count: int) -> dict[str, pa.Array]:
    """Masks of pixels packed as run lengths, and masks that came so."""
    if masks.rows:
        runs = np.concatenate(masks.parts)
        data, offsets = encode_runs(runs, masks.offsets().astype(np.int64))
        for k, row in enumerate(masks.rows):
            packed.add(row, data[offsets[k] : offsets[k + 1]])
    if not packed.rows:
        return {}
    packed.rows, packed.parts = _in_order(packed)
    sides = np.array([sizes[row] for row in packed.rows], np.int32)
    counts = bytes_column(np.concatenate(packed.parts), packed.offsets())
    parts = [pa.array(sides[:, 0]), pa.array(sides[:, 1]), counts]
    return {"mask": packed.placed(pa.StructArray.from_arrays(parts, names=["height", "width", "counts"]), count)}


def _keypoints(rows: _Rows, forms: Array) -> dict[str, pa.Array]:
    """The column keypoints, of one point or of a skeleton."""
    found: list[Any] = [None] * rows.count
    for row, points in _sparse(rows.raw.column("points")):
        if forms[row] not in {"keypoint", "skeleton"}:
            continue
        sound = points and all(
            np.isfinite([p[a] if p[a] is not None else np.nan for a in ("x", "y")]).all() for p in points
        )
        if not sound:
            rows.faults.setdefault(row, (str(Reason.INVALID_KEYPOINTS), "a point without finite x and y, or no points"))
        found[row] = [{**p, "visibility": 2 if p["visibility"] is None else p["visibility"]} for p in points]
    there = any(points is not None for points in found)
    return {"keypoints": pa.array(found, RECORDS.schema.field("keypoints").type)} if there else {}


_SHAPES = {
    "bounding-box": "bounding_box", "rotatable-bounding-box": "rotatable_bounding_box", "mask": "bitmask",
    "bitmask": "bitmask", "polygon": "polygon", "polyline": "polyline", "keypoint": "point", "skeleton": "skeleton",
}  # fmt: skip
"""What a format is called in the tables."""


def block_of(part: Part, source: Source) -> Block:
    """Records, answers and rejects of a part: a row of it is one of the three. InputError where an array is forged."""
    rows = _Rows(part, source)
    _check_numbers(rows)
    forms = np.array(rows.raw.column("format").to_pylist(), object)
    columns = {**_boxes(rows, forms), **_arrays(rows, forms), **_keypoints(rows, forms)}
    good = rows.good()
    answers = numbers(rows.raw.column("answers"), missing=False)
    positions = part.first_row + np.arange(rows.count)
    return Block(
        rows.count,
        _records(rows, columns, forms, positions).filter(pa.array(good & ~answers)),
        _rejects(rows, positions),
        _answers(rows, positions).filter(pa.array(good & answers)) if answers.any() else None,
    )


def _records(rows: _Rows, columns: dict[str, pa.Array], forms: Array, positions: Array) -> pa.RecordBatch:
    raw = rows.raw
    common = {
        **_origin(rows, positions),
        "source_category": raw.column("feature_hash"),
        "frame": _frames(rows),
        "score": raw.column("confidence"),
        "track_id": raw.column("track_id"),
        "class_probabilities": raw.column("class_probabilities"),
        "coordinates": pa.repeat("relative", rows.count),
        "shape": pa.array([_SHAPES.get(form) for form in forms], pa.string()),
    }
    return _batch(completed({**common, **columns}, RECORDS.schema, rows.count), RECORDS.schema)


def _answers(rows: _Rows, positions: Array) -> pa.RecordBatch:
    raw, frames = rows.raw, _frames(rows)
    columns = {
        **_origin(rows, positions),
        "first_frame": frames,
        "last_frame": frames,
        "score": raw.column("confidence"),
        "class_probabilities": raw.column("class_probabilities"),
        **{name: raw.column(name) for name in ("feature_hash", "attribute_hash", "option_hash")},
    }
    return _batch(completed(columns, ANSWER_RECORDS.schema, rows.count), ANSWER_RECORDS.schema)


def _origin(rows: _Rows, positions: Array) -> dict[str, pa.Array]:
    return {
        "source_file": pa.repeat(rows.source.name, rows.count),
        "source_row": pa.array(positions, pa.int64()),
        "source_unit": rows.raw.column("data_hash"),
    }


def _frames(rows: _Rows) -> pa.Array:
    """Frames that no column can hold are null: their rows are refused."""
    return rows.raw.column("frame").cast(pa.int32(), safe=False)


def _batch(table: pa.Table, schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([column.combine_chunks() for column in table.columns], schema=schema)


def _rejects(rows: _Rows, positions: Array) -> pa.Table:
    where = sorted(rows.faults)
    if not where:
        return SCHEMA.empty_table()
    shown = rows.raw.drop_columns(["fault_code", "fault"]).take(pa.array(where, pa.int64())).to_pylist()
    return rejects_table(
        Stage.INGEST,
        [rows.source.name] * len(where),
        positions[where].tolist(),
        [rows.faults[row][0] for row in where],
        [rows.faults[row][1] for row in where],
        [capped(orjson.dumps(_given(row)).decode()) for row in shown],
    )


def _given(row: dict[str, Any]) -> dict[str, Any]:
    """A row as it was given, without the content of its array."""
    if row["array"] is not None:
        row["array"] = {name: row["array"][name] for name in ("dtype", "shape")}
    return {name: value for name, value in row.items() if value is not None}
