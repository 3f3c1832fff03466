"""A column of a row group as the bytes Parquet keeps for it: a dictionary where there is one, and one page.

https://github.com/apache/parquet-format, data pages of version 1. Buffers of Arrow are passed on as they are: a column
that is neither encoded nor compressed is never copied.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.kernels.parquet_encodings import differences, hybrid, length_prefixed, narrow_hybrid, seen
from tasks.storage import thrift
from tasks.storage.encoding import Coding
from tasks.storage.leaves import Array, Leaf, Levels, byte_offsets
from tasks.storage.level_runs import Buffers, LevelRuns, one_level, one_run

_PLAIN, _RLE, _DELTA, _RLE_DICTIONARY = 0, 3, 5, 8
_UNCOMPRESSED, _ZSTD = 0, 6
_DATA_PAGE, _DICTIONARY_PAGE = 0, 2
_CODEC = pa.Codec("zstd", compression_level=-1)
"""A quarter less time than level 1, for 0.3 % more in all."""
_SHORTEST_RUN = 8


@dataclass(slots=True)
class Page:
    """A page under its header."""

    header: bytes
    body: Buffers
    uncompressed: int
    """Bytes of the body before it was compressed."""
    compressed: int

    @property
    def sizes(self) -> tuple[int, int]:
        """Bytes with the header, (uncompressed, as written)."""
        return len(self.header) + self.uncompressed, len(self.header) + self.compressed


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
    page = _data_page(body, rows, _PLAIN, None)
    return ColumnChunk(leaf, rows, _UNCOMPRESSED, [_RLE, _PLAIN], [page], thrift.struct(thrift.i64(3, rows)))


def column_chunk(
    leaf: Leaf, levels: Sequence[Levels], values: Sequence[pa.Array], coding: Coding, runs: LevelRuns
) -> ColumnChunk:
    """A column of the stretches of rows that `levels` and `values` (without nulls) give in turn."""
    entries = sum(part.entries for part in levels)
    body = runs.of(levels, leaf)
    codec = _CODEC if coding.compressed else None
    nulls = entries - sum(len(part) for part in values)
    if coding.kind == "text":
        pages, statistics = _text(body, entries, values, codec, nulls if coding.bounds else None)
        encodings = [_PLAIN, _RLE, _RLE_DICTIONARY]
    else:
        encoding = _DELTA if coding.kind == "integer" else _PLAIN
        pages = [_data_page([*body, *_encoded(values, leaf.type, encoding)], entries, encoding, codec)]
        statistics = _statistics(values, leaf.type, nulls) if coding.bounds else None
        encodings = [_RLE, encoding]
    return ColumnChunk(leaf, entries, _ZSTD if codec else _UNCOMPRESSED, encodings, pages, statistics, len(pages) > 1)


def _data_page(body: Buffers, entries: int, encoding: int, codec: pa.Codec | None) -> Page:
    head = thrift.struct(*(thrift.i32(k, v) for k, v in ((1, entries), (2, encoding), (3, _RLE), (4, _RLE))))
    return _page(_DATA_PAGE, body, thrift.nested(5, head), codec)


def _page(kind: int, body: Buffers, head: thrift.Member, codec: pa.Codec | None) -> Page:
    size = sum(memoryview(part).nbytes for part in body)
    packed: Buffers = (
        body if codec is None else [memoryview(codec.compress(body[0] if len(body) == 1 else b"".join(body)))]
    )
    written = size if codec is None else memoryview(packed[0]).nbytes
    header = thrift.struct(thrift.i32(1, kind), thrift.i32(2, size), thrift.i32(3, written), head)
    return Page(header, packed, size, written)


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
    body: Buffers, entries: int, values: Sequence[pa.Array], codec: pa.Codec | None, nulls: int | None
) -> tuple[list[Page], bytes | None]:
    """(a page of the distinct texts in order, one of their numbers; statistics where `nulls` is given)."""
    texts, codes = _codes(values)
    words = _page(_DICTIONARY_PAGE, [length_prefixed(*_bytes_parts(texts)).data],
                  thrift.nested(7, thrift.struct(thrift.i32(1, len(texts)), thrift.i32(2, _PLAIN))), codec)  # fmt: skip
    data = _data_page([*body, bytes([_width(texts)]), codes], entries, _RLE_DICTIONARY, codec)
    if nulls is None:
        return [words, data], None
    bounds = (texts[0].as_py(), texts[-1].as_py()) if len(texts) else None
    return [words, data], _bounds(nulls, *(text.encode() for text in bounds)) if bounds else _bounds(nulls)


def _width(texts: pa.Array) -> int:
    """Bits of the number of a text."""
    return max(1, (len(texts) - 1).bit_length())


def _codes(values: Sequence[pa.Array]) -> tuple[pa.Array, bytes | memoryview]:
    """(the distinct texts in order, runs of their numbers)."""
    only = _only_word(values)
    if only is not None:
        return only, one_run(0, sum(map(len, values)))
    coded = in_order(pa.chunked_array(values))
    width, indices = _width(coded.dictionary), coded.indices.to_numpy()
    codes = narrow_hybrid(indices.astype(np.uint8), width) if width <= 8 else hybrid(indices, width)
    return coded.dictionary, codes.data


def _only_word(values: Sequence[pa.Array]) -> pa.Array | None:
    """The word that all rows say, where the dictionaries know no other: the rows need not be looked at.

    None of so few rows that they are no run by themselves: `hybrid` packs them.
    """
    if sum(map(len, values)) < _SHORTEST_RUN or not all(pa.types.is_dictionary(part.type) for part in values):
        return None
    words = [part.dictionary for part in values if len(part)]
    only = words[0]
    return only if len(only) == 1 and not only.null_count and all(each.equals(only) for each in words) else None


def in_order(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """One chunk; a dictionary in order of its values and without unused ones, so that it tells nothing of batches."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    codes = column.chunk(0) if column.num_chunks == 1 else column.unify_dictionaries().combine_chunks()
    if codes.dictionary.null_count:
        codes = codes.cast(pa.string()).dictionary_encode()
    if len(codes.dictionary) == 1 and codes.null_count < len(codes):
        return codes
    used = np.flatnonzero(seen(codes.indices.drop_null().to_numpy(), len(codes.dictionary)))
    values = codes.dictionary.take(pa.array(used))
    order = pc.sort_indices(values).to_numpy()
    if len(used) == len(codes.dictionary) and (order[1:] > order[:-1]).all():
        return codes
    position = np.zeros(len(codes.dictionary), dtype=np.int32)
    position[used[order]] = np.arange(len(used), dtype=np.int32)
    return pa.DictionaryArray.from_arrays(pc.take(pa.array(position), codes.indices), values.take(pa.array(order)))


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
