"""Columns of a scanned block as Arrow: exactly as large as their content, so that the scratch can be used again."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schemas.fields import BOX, KEYPOINT, MASK, POINT, POLYGONS
from schemas.tables import RECORDS
from tasks.coco.rules import Record
from tasks.columns import constant, no_values, validity, zeros
from tasks.kernels import json_keys as keys
from tasks.kernels.json_columns import (
    AREA_AT,
    BOX_AT,
    CATEGORY_AT,
    COUNT_AT,
    COUNTS_AT,
    GIVEN_AT,
    IDS_AT,
    PARTS_AT,
    POINTS_AT,
    ROWS,
    SCORE_AT,
    SIZE_AT,
    UNIT_AT,
    Columns,
)
from tasks.kernels.json_names import names_in_order

Array = npt.NDArray[Any]

_CODED = {"source_file", "source_unit", "source_category", "coordinates", "shape"}
_CODES = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema([f.with_type(_CODES) if f.name in _CODED else f for f in RECORDS.schema])
"""RECORDS with its repeating texts dictionary-encoded: what they say is unchanged, millions of them cost little."""

SHAPES = pa.array(["bounding_box", "polygon", "bitmask", "skeleton"])
_RING = POLYGONS.value_type.value_type
_POLYGON = POLYGONS.value_type


def _flat(kind: pa.DataType, values: Array, given: Array | None = None) -> pa.Array:
    """A column of fixed width, copied out of the scratch."""
    bitmap, nulls = (None, 0) if given is None else validity(given)
    return pa.Array.from_buffers(kind, len(values), [bitmap, pa.py_buffer(np.array(values, order="C"))], nulls)


def _spans(kind: pa.DataType, offsets: Array, values: pa.Array | Array, given: Array | None = None) -> pa.Array:
    """A column of lists, or of text, whose row r is values[offsets[r] : offsets[r + 1]]."""
    bitmap, nulls = (None, 0) if given is None else validity(given)
    buffers = [bitmap, pa.py_buffer(np.array(offsets, dtype=np.int32, order="C"))]
    if isinstance(values, np.ndarray):
        return pa.Array.from_buffers(kind, len(offsets) - 1, [*buffers, pa.py_buffer(values.copy())], nulls)
    return pa.Array.from_buffers(kind, len(offsets) - 1, buffers, nulls, children=[values])


def _struct(kind: pa.DataType, children: list[pa.Array], given: Array | None = None) -> pa.Array:
    bitmap, nulls = (None, 0) if given is None else validity(given)
    return pa.Array.from_buffers(kind, len(children[0]), [bitmap], nulls, children=children)


def _coded(codes: Array, texts: pa.Array) -> pa.Array:
    return pa.DictionaryArray.from_arrays(_flat(pa.int32(), codes), texts, safe=False)


def _names(text: memoryview, spans: Array) -> pa.Array:
    """The texts of a dictionary that `json_names.name_code` filled; `text` is sound UTF-8."""
    data, offsets = names_in_order(np.frombuffer(text, np.uint8), spans)
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))


class _Scanned:
    """The rows that a scan took, column by column."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.rows = int(columns.cursor[ROWS])
        self.whole = columns.whole[: self.rows]
        self.number = columns.number[: self.rows]
        self._bits = self.whole[:, GIVEN_AT].copy()

    def has(self, key: int) -> Array:
        """bool[rows]: whether bit `key` is set."""
        return self._bits & (1 << key) != 0

    def offsets(self, at: int) -> Array:
        """int32[rows + 1]"""
        return self.columns.whole[: self.rows + 1, at]

    def end(self, at: int) -> int:
        """How much the rows hold of what `at` counts."""
        return int(self.columns.whole[self.rows, at])

    def optional(self, kind: pa.DataType, values: Array, key: int) -> pa.Array:
        """A column of fixed width that not every row gives."""
        given = self.has(key)
        return _flat(kind, values, given) if given.any() else no_values(kind, self.rows)

    def flag(self, key: int, value: int) -> pa.Array:
        """A column of truth values."""
        given = self.has(key)
        return pa.array(self.has(value), mask=~given) if given.any() else no_values(pa.bool_(), self.rows)


def _boxes(scanned: _Scanned) -> pa.Array:
    given = scanned.has(keys.BOX)
    if not given.any():
        return no_values(BOX, scanned.rows)
    return _struct(BOX, [_flat(pa.float64(), scanned.number[:, BOX_AT + k]) for k in range(4)], given)


def _polygons(scanned: _Scanned) -> pa.Array:
    given = scanned.has(keys.SEGMENTATION) & ~scanned.has(keys.IS_MASK)
    if not given.any():
        return no_values(POLYGONS, scanned.rows)
    parts = scanned.end(PARTS_AT)
    begins = scanned.columns.part[: parts + 1]
    vertices = _struct(POINT, [_flat(pa.float64(), axis[: begins[-1]]) for axis in scanned.columns.vertex])
    rings = _spans(_RING, begins, vertices)
    polygons = _spans(_POLYGON, np.arange(parts + 1), rings)
    return _spans(POLYGONS, scanned.offsets(PARTS_AT), polygons, given)


def _masks(scanned: _Scanned) -> pa.Array:
    given = scanned.has(keys.IS_MASK)
    if not given.any():
        return no_values(MASK, scanned.rows)
    packed = _spans(pa.binary(), scanned.offsets(COUNTS_AT), scanned.columns.counts[: scanned.end(COUNTS_AT)])
    sizes = [_flat(pa.int32(), scanned.whole[:, SIZE_AT + k]) for k in range(2)]
    return _struct(MASK, [*sizes, packed], given)


def _keypoints(scanned: _Scanned) -> pa.Array:
    given = scanned.has(keys.KEYPOINTS)
    kind = RECORDS.schema.field("keypoints").type
    if not given.any():
        return no_values(kind, scanned.rows)
    count = scanned.end(POINTS_AT)
    axes = [_flat(pa.float64(), axis[:count]) for axis in scanned.columns.point]
    seen = _flat(pa.int8(), scanned.columns.visibility[:count])
    points = _struct(KEYPOINT, [*axes, seen, pa.nulls(count, pa.string())])
    return _spans(kind, scanned.offsets(POINTS_AT), points, given)


def _shapes(scanned: _Scanned) -> pa.Array:
    """Codes of SHAPES: keypoints before the segmentation before the box."""
    codes = scanned.has(keys.SEGMENTATION).astype(np.int32) + scanned.has(keys.IS_MASK)
    codes[scanned.has(keys.KEYPOINTS)] = 3
    if scanned.rows and (codes == codes[0]).all():
        return constant(SHAPES[int(codes[0])].as_py(), scanned.rows)
    return _coded(codes, SHAPES)


def scanned_batch(columns: Columns, text: memoryview, file: str, positions: Array) -> pa.RecordBatch:
    """The rows a scan of `text` took, as a batch of SCHEMA; `positions` are their places in the array, int64[rows]."""
    scanned = _Scanned(columns)
    ids = columns.ids[: scanned.end(IDS_AT)]
    built = {
        "source_file": constant(file, scanned.rows),
        "source_row": _flat(pa.int64(), positions),
        "source_unit": _coded(scanned.whole[:, UNIT_AT], _names(text, columns.spans[0])),
        "source_category": _coded(scanned.whole[:, CATEGORY_AT], _names(text, columns.spans[1])),
        "source_id": _spans(pa.string(), scanned.offsets(IDS_AT), ids, scanned.has(keys.ID)),
        "frame": zeros(scanned.rows),
        "score": scanned.optional(pa.float64(), scanned.number[:, SCORE_AT], keys.SCORE),
        "coordinates": constant("pixel", scanned.rows),
        "shape": _shapes(scanned),
        "bbox": _boxes(scanned),
        "polygons": _polygons(scanned),
        "keypoints": _keypoints(scanned),
        "mask": _masks(scanned),
        "area": scanned.optional(pa.float64(), scanned.number[:, AREA_AT], keys.AREA),
        "num_keypoints": scanned.optional(pa.int32(), scanned.whole[:, COUNT_AT], keys.NUM_KEYPOINTS),
        "iscrowd": scanned.flag(keys.CROWD, keys.IS_CROWD),
        "ignore": scanned.flag(keys.IGNORE, keys.IS_IGNORED),
        "group_of": scanned.flag(keys.GROUP, keys.IS_GROUP),
    }
    arrays = [built[field.name] if field.name in built else no_values(field.type, scanned.rows) for field in SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def strict_batch(rows: list[Record], file: str, positions: list[int]) -> pa.RecordBatch:
    """Records that `rules` took one by one, as a batch of SCHEMA."""
    common = {"source_file": file, "frame": 0, "coordinates": "pixel"}
    full = [{**common, **row, "source_row": position} for row, position in zip(rows, positions, strict=True)]
    return pa.RecordBatch.from_pylist(full, schema=SCHEMA)


def merged(first: pa.RecordBatch, second: pa.RecordBatch) -> pa.RecordBatch:
    """Both batches as one, by ascending `source_row`."""
    if not len(first) or not len(second):
        return first if len(first) else second
    table = pa.Table.from_batches([first, second]).unify_dictionaries().combine_chunks()
    order = np.argsort(table["source_row"].to_numpy(), kind="stable")
    return table.take(pa.array(order)).combine_chunks().to_batches()[0]


def shifted(batch: pa.RecordBatch, rows: int) -> pa.RecordBatch:
    """The batch with `rows` added to every `source_row`."""
    if rows == 0 or not len(batch):
        return batch
    at = SCHEMA.get_field_index("source_row")
    return batch.set_column(at, SCHEMA.field(at), _flat(pa.int64(), batch.column(at).to_numpy() + rows))
