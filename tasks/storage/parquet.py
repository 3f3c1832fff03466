"""A Parquet file as it is written: row groups one after another, then the footer that says where all of it is.

Written here and not by Arrow because most columns of most rows are plain numbers, which are in memory as Parquet wants
them, or null throughout: docs/decisions/writing-parquet.md. https://github.com/apache/parquet-format
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import pyarrow as pa

from tasks.storage import thrift
from tasks.storage.column_chunks import ColumnChunk, column_chunk, described, null_chunk, physical
from tasks.storage.encoding import Coding, Layout
from tasks.storage.leaves import Leaf, shredded
from tasks.storage.level_runs import LevelRuns
from tasks.storage.rowgroups import RowGroup

_MAGIC = b"PAR1"
_VERSION = 2
_REQUIRED, _OPTIONAL, _REPEATED = 0, 1, 2
_UTF8, _LIST, _TIMESTAMP_MICROS, _INT_8 = 0, 3, 10, 15
_EMPTY = thrift.struct()
_STRING_TYPE, _LIST_TYPE = thrift.struct(thrift.nested(1, _EMPTY)), thrift.struct(thrift.nested(3, _EMPTY))
_TIMESTAMP_TYPE = thrift.struct(
    thrift.nested(8, thrift.struct(thrift.flag(1, True), thrift.nested(2, thrift.struct(thrift.nested(2, _EMPTY)))))
)
_BY_TYPE = thrift.struct(thrift.nested(1, _EMPTY))
"""Bounds are in the order of the type."""


class ParquetFile:
    """A file under way; `write` takes its bytes in order."""

    def __init__(self, write: Callable[[bytes | memoryview], None], layout: Layout) -> None:
        """Begin the file."""
        self._write, self._layout = write, layout
        self._groups: list[bytes] = []
        self._rows = 0
        self._position = len(_MAGIC)
        write(_MAGIC)

    def append(self, group: "Encoded") -> None:
        """Write a row group."""
        columns, total = [], 0
        for chunk in group.chunks:
            columns.append(described(chunk, self._position))
            begin = self._position
            for page in chunk.pages:
                for part in (page.header, *page.body):
                    self._write(part)
                self._position += page.sizes[1]
                total += page.sizes[0]
            assert self._position > begin, "a column has a page"
        self._rows += group.rows
        self._groups.append(thrift.struct(thrift.structs(1, columns), thrift.i64(2, total), thrift.i64(3, group.rows)))

    def finish(self) -> None:
        """Write the footer."""
        pairs = [
            thrift.struct(thrift.binary(1, key), thrift.binary(2, text)) for key, text in self._layout.metadata.items()
        ]
        footer = thrift.struct(
            thrift.i32(1, _VERSION),
            thrift.structs(2, list(_elements(self._layout.stored))),
            thrift.i64(3, self._rows),
            thrift.structs(4, self._groups),
            thrift.structs(5, pairs),
            thrift.binary(6, "boxscore"),
            thrift.structs(7, [_BY_TYPE] * len(self._layout.codings)),
        )
        self._write(footer + struct.pack("<i", len(footer)) + _MAGIC)


class Encoded(NamedTuple):
    """A row group as its bytes."""

    rows: int
    chunks: Iterable[ColumnChunk]
    """Of all leaves, in order; each may be made when it is asked for."""


def encoded(group: RowGroup, layout: Layout) -> Encoded:
    """A row group whose columns may be given in any number of chunks, which show nowhere. They are encoded in turn."""
    return Encoded(group.rows, _column_chunks(group, layout))


def _column_chunks(group: RowGroup, layout: Layout) -> Iterator[ColumnChunk]:
    """The chunks of all leaves, in order."""
    leaves = iter(layout.codings)
    for field in layout.stored:
        own = [next(leaves) for _ in range(_width(field.type))]
        column = group.columns.get(field.name)
        if column is None:
            yield from (null_chunk(leaf, group.rows) for leaf, _ in own)
        else:
            yield from _of_column(column, field, own)


def _of_column(column: pa.ChunkedArray, field: pa.Field, leaves: list[tuple[Leaf, Coding]]) -> Iterator[ColumnChunk]:
    parts = [list(shredded(chunk, field)) for chunk in column.chunks if len(chunk)]
    runs = LevelRuns()
    for k, (leaf, coding) in enumerate(leaves):
        yield column_chunk(leaf, [part[k][0] for part in parts], [part[k][1] for part in parts], coding, runs)


def _width(kind: pa.DataType) -> int:
    """Leaves of a type."""
    if pa.types.is_list(kind):
        return _width(kind.value_type)
    return sum(_width(child.type) for child in kind) if pa.types.is_struct(kind) else 1


def _elements(schema: pa.Schema) -> Iterator[bytes]:
    """The schema as the footer has it: each element before its children."""
    yield thrift.struct(thrift.i32(3, _REQUIRED), thrift.binary(4, "schema"), thrift.i32(5, len(schema)))
    for field in schema:
        yield from _element(field, field.name)


def _element(field: pa.Field, name: str) -> Iterator[bytes]:
    kind, repetition = field.type, thrift.i32(3, _OPTIONAL if field.nullable else _REQUIRED)
    if pa.types.is_list(kind):
        yield thrift.struct(
            repetition, thrift.binary(4, name), thrift.i32(5, 1), thrift.i32(6, _LIST), thrift.nested(10, _LIST_TYPE)
        )
        yield thrift.struct(thrift.i32(3, _REPEATED), thrift.binary(4, "list"), thrift.i32(5, 1))
        yield from _element(kind.value_field, "element")
    elif pa.types.is_struct(kind):
        yield thrift.struct(repetition, thrift.binary(4, name), thrift.i32(5, kind.num_fields))
        for child in kind:
            yield from _element(child, child.name)
    else:
        yield thrift.struct(thrift.i32(1, physical(kind)), repetition, thrift.binary(4, name), *_annotations(kind))


def _annotations(kind: pa.DataType) -> tuple[thrift.Member, ...]:
    """What a leaf means beyond its physical type: converted type and logical type."""
    if pa.types.is_string(kind):
        return thrift.i32(6, _UTF8), thrift.nested(10, _STRING_TYPE)
    if pa.types.is_timestamp(kind):
        return thrift.i32(6, _TIMESTAMP_MICROS), thrift.nested(10, _TIMESTAMP_TYPE)
    return (thrift.i32(6, _INT_8),) if pa.types.is_int8(kind) else ()
