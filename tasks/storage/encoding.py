"""How a table's columns are laid out in Parquet: encodings, compression, and what the footer says about the table."""

import base64
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.tables import SCHEMA_VERSION, Table

ROW_GROUP_ROWS = 262_144
"""Rows of every row group but a file's last."""
PART_BYTES = 512 * 1024 * 1024
"""A part that reaches this size is closed and the next one begun."""
CODES = pa.dictionary(pa.int32(), pa.string())
FOLDER_COLUMNS = ("rules",)
"""Text columns that are also the name of a folder (`rules=...`).

pyarrow's default directory reader (and pandas through it) gives a folder's value the type dictionary<string> and fails
to merge that with a file's string. Files therefore declare these columns as dictionary<string> and hold the folder's
value, so that every reader finds one type and one value. Measured; `test_plain_readers.py` freezes it.
"""
_FULL_MANTISSA = frozenset(
    {
        "bbox",
        "bbox_px",
        "rotated_bbox",
        "polygons",
        "polyline",
        "keypoints",
        "keypoints_px",
        "mask",
        "area",
        "matched_similarity",
        "best_similarity",
        "best_other_similarity",
        "near_similarity",
    }
)
"""Quotients, products, packed runs: little repeats in their bits, so they are not compressed.

zstd -5 would take three to ten times the writing itself for an eighth less: docs/decisions/writing-parquet.md.
"""
_WRITE_BATCH_ROWS = 16_384


@dataclass(frozen=True, slots=True)
class Layout:
    """What a Parquet writer needs to know of a table; the bytes of a file follow from it and from the rows alone."""

    schema: pa.Schema
    options: dict[str, Any]
    metadata: dict[str, str]


@cache
def layout_of(table: Table) -> Layout:
    """Layout of `table`: text by dictionary, integers by their differences, floats as they are; zstd where it pays."""
    leaves = _leaves(table.schema)
    text = [path for path, kind in leaves.items() if kind == "text"]
    full = {path for path, kind in leaves.items() if kind == "other" and path.split(".")[0] in _FULL_MANTISSA}
    options = {
        "compression": {path: "none" if path in full else "zstd" for path in leaves},
        "compression_level": {path: 1 for path in leaves if path not in full},
        "use_dictionary": text,
        "column_encoding": {path: "DELTA_BINARY_PACKED" for path, kind in leaves.items() if kind == "integer"},
        # Bounds of text are worth their time only where a reader filters by them.
        "write_statistics": [path for path, kind in leaves.items() if kind != "text" or path in _FILTERED],
        "write_batch_size": _WRITE_BATCH_ROWS,
        # Dictionaries of the memory must not become the reader's: `metadata` says the types instead.
        "store_schema": False,
    }
    return Layout(_coded(table.schema, None), options, _metadata(table))


_FILTERED = frozenset({"prediction_set", "protocol", "rules", "metric", "area_range"})


def _leaves(schema: pa.Schema) -> dict[str, str]:
    """Parquet's columns by path, each integer, text or other."""
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, schema, store_schema=False):
        pass
    columns = pq.read_metadata(pa.BufferReader(sink.getvalue())).schema
    return {columns.column(i).path: _kind(columns.column(i)) for i in range(len(columns))}


def _kind(column: Any) -> str:
    if column.physical_type in {"INT32", "INT64"}:
        return "integer"
    return "text" if column.logical_type.type == "STRING" else "other"


def _coded(schema: pa.Schema, names: tuple[str, ...] | None) -> pa.Schema:
    """`schema` with its text columns (those of `names`; all when None) as dictionary<string>."""
    fields = [
        field.with_type(CODES) if field.type == pa.string() and (names is None or field.name in names) else field
        for field in schema
    ]
    return pa.schema(fields)


def _metadata(table: Table) -> dict[str, str]:
    declared = _coded(table.schema, FOLDER_COLUMNS).serialize().to_pybytes()
    return {
        "ARROW:schema": base64.b64encode(declared).decode(),
        "boxscore.table": table.name,
        "boxscore.schema_version": str(SCHEMA_VERSION),
    }
