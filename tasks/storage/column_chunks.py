"""A column of a row group as the bytes Parquet keeps for it: a dictionary where there is one, and one page.

https://github.com/apache/parquet-format, data pages of version 1. Buffers of Arrow are passed on as they are: a column
that is neither encoded nor compressed is never copied.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tasks.kernels.parquet_encodings import differences, length_prefixed
from tasks.storage import thrift
from tasks.storage.encoding import Coding
from tasks.storage.leaves import Array, Leaf, Levels, byte_offsets
from tasks.storage.level_runs import Buffers, LevelRuns, one_level
from tasks.storage.pages import Draft, Page, pages_of
from tasks.storage.words import codes_of, width_of

_PLAIN, _RLE, _DELTA, _RLE_DICTIONARY = 0, 3, 5, 8
_DATA_PAGE, _DICTIONARY_PAGE = 0, 2


@dataclass(slots=True)
class ColumnChunk:
    """A leaf's part of a row group."""

    leaf: Leaf
    entries: int
    codec: int
    encodings: list[int]
    pages: list[Page]
    statistics: bytes | None
    """A struct of Thrift."""
    dictionary: bool = False
    """Whether the first page is one."""


def null_chunk(leaf: Leaf, rows: int) -> ColumnChunk:
    """A column without a single value."""
    body = [*one_level(0, rows, leaf.max_repetition), *one_level(0, rows, leaf.max_definition)]
    codec, pages = pages_of([_data_page(body, rows, _PLAIN)], repeating=False)
    return ColumnChunk(leaf, rows, codec, [_RLE, _PLAIN], pages, thrift.struct(thrift.i64(3, rows)))


def column_chunk(
    leaf: Leaf, levels: Sequence[Levels], values: Sequence[pa.Array], coding: Coding, runs: LevelRuns
) -> ColumnChunk:
    """A column of the stretches of rows that `levels` and `values` (without nulls) give in turn."""
    entries = sum(part.entries for part in levels)
    body = runs.of(levels, leaf)
    nulls = entries - sum(len(part) for part in values)
    if coding.kind == "text":
        drafts, statistics = _text(body, entries, values, nulls if coding.bounds else None)
        encodings = [_PLAIN, _RLE, _RLE_DICTIONARY]
    else:
        encoding = _DELTA if coding.kind == "integer" else _PLAIN
        drafts = [_data_page([*body, *_encoded(values, leaf.type, encoding)], entries, encoding)]
        statistics = _statistics(values, leaf.type, nulls) if coding.bounds else None
        encodings = [_RLE, encoding]
    codec, pages = pages_of(drafts, coding.repeating)
    return ColumnChunk(leaf, entries, codec, encodings, pages, statistics, len(pages) > 1)


def _data_page(body: Buffers, entries: int, encoding: int) -> Draft:
    head = thrift.struct(*(thrift.i32(k, v) for k, v in ((1, entries), (2, encoding), (3, _RLE), (4, _RLE))))
    return Draft(_DATA_PAGE, body, thrift.nested(5, head))


def _encoded(values: Sequence[pa.Array], kind: pa.DataType, encoding: int) -> Buffers:
    """Values without dictionary."""
    if pa.types.is_binary(kind) or pa.types.is_string(kind):
        return [length_prefixed(*_bytes_parts(part)).data for part in values]
    if pa.types.is_boolean(kind):
        bits = [part.to_numpy(zero_copy_only=False) for part in values]
        return [np.packbits(np.concatenate(bits), bitorder="little").data] if bits else []
    arrays = [_as_numpy(part) for part in values]
    if encoding == _DELTA:
        whole = np.concatenate(arrays).astype(np.int64, copy=False)
        return [differences(whole, kind.bit_width <= 32).data]
    return [array.data.cast("B") for array in arrays if len(array)]


def _as_numpy(part: pa.Array) -> Array:
    """Numbers as they are stored; times as whole numbers."""
    return (part.cast(pa.int64()) if pa.types.is_timestamp(part.type) else part).to_numpy()


def _bytes_parts(part: pa.Array) -> tuple[Array, Array]:
    """(uint8 data, int64 offsets) of text or bytes without nulls."""
    data = part.buffers()[2] if len(part) else None
    return np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8), byte_offsets(part)


def _text(
    body: Buffers, entries: int, values: Sequence[pa.Array], nulls: int | None
) -> tuple[list[Draft], bytes | None]:
    """(a page of the distinct texts in order, one of their numbers; statistics where `nulls` is given)."""
    texts, codes = codes_of(values)
    head = thrift.struct(thrift.i32(1, len(texts)), thrift.i32(2, _PLAIN))
    words = Draft(_DICTIONARY_PAGE, [length_prefixed(*_bytes_parts(texts)).data], thrift.nested(7, head))
    data = _data_page([*body, bytes([width_of(texts)]), codes], entries, _RLE_DICTIONARY)
    if nulls is None:
        return [words, data], None
    bounds = (texts[0].as_py(), texts[-1].as_py()) if len(texts) else None
    return [words, data], _bounds(nulls, *(text.encode() for text in bounds)) if bounds else _bounds(nulls)


def _statistics(values: Sequence[pa.Array], kind: pa.DataType, nulls: int) -> bytes:
    """Null count and, of numbers, the least and the greatest; not where one is NaN."""
    if pa.types.is_binary(kind) or pa.types.is_string(kind) or not any(len(part) for part in values):
        return _bounds(nulls)
    arrays = [part.to_numpy(zero_copy_only=False) if pa.types.is_boolean(kind) else _as_numpy(part) for part in values]
    low, high = (
        reduce(pick(array) for array in arrays if len(array)) for reduce, pick in ((min, np.min), (max, np.max))
    )
    if low != low or high != high:
        return _bounds(nulls)
    if pa.types.is_floating(kind):  # either zero may be among the values
        low, high = (-0.0 if low == 0 else low), (0.0 if high == 0 else high)
    code = "<d" if pa.types.is_floating(kind) else "<?" if pa.types.is_boolean(kind) else _WIDTHS[physical(kind)]
    return _bounds(nulls, struct.pack(code, low), struct.pack(code, high))


BOOLEAN, INT32, INT64, DOUBLE, BYTE_ARRAY = 0, 1, 2, 5, 6
_WIDTHS = {INT32: "<i", INT64: "<q"}


def physical(kind: pa.DataType) -> int:
    """Parquet's type of a leaf."""
    if pa.types.is_boolean(kind):
        return BOOLEAN
    if pa.types.is_integer(kind) or pa.types.is_timestamp(kind):
        return INT32 if kind.bit_width <= 32 else INT64
    return DOUBLE if pa.types.is_floating(kind) else BYTE_ARRAY


def _bounds(nulls: int, low: bytes | None = None, high: bytes | None = None) -> bytes:
    return thrift.struct(
        thrift.i64(3, nulls),
        None if high is None else thrift.binary(5, high),
        None if low is None else thrift.binary(6, low),
    )


def described(chunk: ColumnChunk, position: int) -> bytes:
    """The footer's struct for a chunk that begins at byte `position`."""
    uncompressed, written = (sum(sizes) for sizes in zip(*(page.sizes for page in chunk.pages), strict=True))
    first = chunk.pages[0].sizes[1] if chunk.dictionary else 0
    meta = thrift.struct(
        thrift.i32(1, physical(chunk.leaf.type)),
        thrift.numbers(2, chunk.encodings),
        thrift.texts(3, chunk.leaf.path),
        thrift.i32(4, chunk.codec),
        thrift.i64(5, chunk.entries),
        thrift.i64(6, uncompressed),
        thrift.i64(7, written),
        thrift.i64(9, position + first),
        thrift.i64(11, position) if chunk.dictionary else None,
        None if chunk.statistics is None else thrift.nested(12, chunk.statistics),
    )
    return thrift.struct(thrift.i64(2, 0), thrift.nested(3, meta))
