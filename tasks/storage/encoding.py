"""How a table's columns are laid out in Parquet: encodings, compression, and what the footer says about the table."""

import base64
from dataclasses import dataclass
from functools import cache

import pyarrow as pa

from schemas.tables import SCHEMA_VERSION, Table
from tasks.storage.leaves import Leaf, leaves_of

ROW_GROUP_ROWS = 262_144
"""Rows of every row group but a file's last, and but those that `ROW_GROUP_BYTES` ends."""
ROW_GROUP_BYTES = 32 * 1024 * 1024
"""Lists, texts and masks of a row group in memory: heavy rows are not kept back by the hundred thousand."""
PART_BYTES = 512 * 1024 * 1024
"""A part that reaches this size is closed and the next one begun."""
CODES = pa.dictionary(pa.int32(), pa.string())
FOLDER_COLUMNS = ("rules",)
"""Text columns that are also the name of a folder (`rules=...`).

pyarrow's default directory reader (and pandas through it) gives a folder's value the type dictionary<string> and fails
to merge that with a file's string. Files therefore declare these columns as dictionary<string> and hold the folder's
value, so that every reader finds one type and one value. Measured; `test_plain_readers.py` freezes it.
"""
_GEOMETRY = frozenset({"bbox", "bbox_px", "rotated_bbox", "polygons", "polyline", "keypoints", "keypoints_px", "mask"})
"""Their bounds would be those of the images in every row group: no reader skips one for them."""
_FULL_MANTISSA = _GEOMETRY | {
    "area",
    "matched_similarity",
    "best_similarity",
    "best_other_similarity",
    "near_similarity",
    "score",
}
"""Quotients, products, packed runs: little repeats in their bits, so none are looked at for what could be compressed.

zstd -5 would take three to ten times the writing itself for an eighth less: docs/decisions/writing-parquet.md.
"""
_REPEATING = frozenset({("curves", "score")})
"""Columns of some tables that repeat all the same: curves for more detections go through the same scores again."""
_PLAIN_TEXT = frozenset({"source_id", "record"})
"""Text of which hardly any two are the same: a dictionary would be as long as the column."""
_NESTED_WORDS = frozenset({"outcomes", "ranges"})
"""Lists of a few words over and over, which are made as codes; other nested text is made as text."""
_FILTERED = frozenset({"prediction_set", "protocol", "rules", "metric", "area_range"})
"""Bounds of text are worth their time only where a reader filters by them."""


@dataclass(frozen=True, slots=True)
class Coding:
    """How a leaf is written."""

    kind: str
    """text (by dictionary), integer (by differences) or plain."""
    repeating: bool
    """Whether anything in its bytes may come again, so that a look may find compressing them worth its time."""
    bounds: bool
    """Least and greatest value of a row group stand in the footer."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What a writer needs to know of a table; the bytes of a file follow from it and from the rows alone."""

    stored: pa.Schema
    """As the file says it."""
    held: pa.Schema
    """As rows are held until they are written: repeating text as codes of a dictionary."""
    codings: tuple[tuple[Leaf, Coding], ...]
    metadata: dict[str, str]


@cache
def layout_of(table: Table) -> Layout:
    """Layout of `table`: text by dictionary, integers by their differences, floats as they are; zstd where it pays."""
    codings = tuple((leaf, _coding(table.name, leaf)) for leaf in leaves_of(table.schema))
    repeating = tuple(name for name in table.fields if name not in _PLAIN_TEXT)
    return Layout(table.schema, _coded(table.schema, repeating), codings, _metadata(table))


def _coding(table: str, leaf: Leaf) -> Coding:
    name, kind = leaf.path[0], leaf.type
    bounds = name not in _GEOMETRY
    if pa.types.is_integer(kind) or pa.types.is_timestamp(kind):
        return Coding("integer", repeating=True, bounds=bounds)
    if pa.types.is_string(kind) and name not in _PLAIN_TEXT:
        return Coding("text", repeating=True, bounds=name in _FILTERED)
    full = name in _FULL_MANTISSA and (table, name) not in _REPEATING and not pa.types.is_boolean(kind)
    return Coding("plain", repeating=not full, bounds=bounds and not pa.types.is_string(kind))


def _coded(schema: pa.Schema, names: tuple[str, ...]) -> pa.Schema:
    """`schema` with the text columns of `names` as dictionary<string>, also within the lists that hold words."""
    chosen = (f.name in names and (f.type == pa.string() or f.name in _NESTED_WORDS) for f in schema)
    return pa.schema([_as_codes(f) if coded else f for f, coded in zip(schema, chosen, strict=True)])


def _as_codes(field: pa.Field) -> pa.Field:
    """A field with all its text as dictionary<string>."""
    kind = field.type
    if pa.types.is_list(kind):
        return field.with_type(pa.list_(_as_codes(kind.value_field)))
    if pa.types.is_struct(kind):
        return field.with_type(pa.struct([_as_codes(child) for child in kind]))
    return field.with_type(CODES) if kind == pa.string() else field


def _metadata(table: Table) -> dict[str, str]:
    declared = _coded(table.schema, FOLDER_COLUMNS).serialize().to_pybytes()
    return {
        "ARROW:schema": base64.b64encode(declared).decode(),
        "boxscore.table": table.name,
        "boxscore.schema_version": str(SCHEMA_VERSION),
    }
