"""From batches of any size to row groups that do not tell of them: equal rows give equal bytes."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from schemas.tables import Table
from tasks.storage.encoding import CODES, ROW_GROUP_BYTES, ROW_GROUP_ROWS, layout_of
from tasks.storage.leaves import Array, bytes_at_most, bytes_up_to, fixed_bytes


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Some rows: the columns that hold a value, in the order of their table; the others are null."""

    rows: int
    columns: dict[str, pa.ChunkedArray]

    def slice(self, start: int, rows: int) -> "RowGroup":
        """Rows from `start` on."""
        return RowGroup(rows, {name: column.slice(start, rows) for name, column in self.columns.items()})


class RowGroups:
    """Collects rows in order and gives them back as row groups; holds less than one row group between calls."""

    def __init__(self, table: Table, share: int = 1) -> None:
        """Rows are brought to the schema of `table`; text becomes codes of a dictionary.

        Where many are collected side by side, a row group ends at 1 / `share` of its usual size.
        """
        self._schema = layout_of(table).held
        self._most_rows, self._most_bytes = ROW_GROUP_ROWS // share, ROW_GROUP_BYTES // share
        self._waiting: list[RowGroup] = []
        self._rows = self._at_most = 0
        self._counted = self._bytes = 0

    def push(self, data: pa.Table | pa.RecordBatch) -> Iterator[RowGroup]:
        """Take rows, give every row group that became full: by its rows, or by the bytes of its lists and texts.

        Nullable columns may be missing. ValueError for an unknown column, a missing one, or a null where none may be.
        """
        new, start = _conform(data, self._schema), 0
        while start < new.rows:
            rows = self._fitting(new.slice(start, min(new.rows - start, self._most_rows - self._rows)))
            if rows:
                self._waiting.append(new.slice(start, rows))
            self._rows += rows
            start += rows
            if start < new.rows or self._rows == self._most_rows:
                yield self._join()

    def _fitting(self, piece: RowGroup) -> int:
        """How many rows of the piece, from its first, go with those that wait; at least one where none do.

        Rows are counted one by one only where the most that they could hold is too much: most row groups end by rows.
        """
        at_most = _at_most(piece)
        if self._at_most + at_most <= self._most_bytes:
            self._at_most += at_most
            return piece.rows
        self._bytes += sum(int(_bytes_of_rows(waiting).sum()) for waiting in self._waiting[self._counted :])
        ends = self._bytes + np.cumsum(_bytes_of_rows(piece))
        rows = int(np.searchsorted(ends, self._most_bytes, side="right"))
        rows = rows if self._rows else max(rows, 1)
        self._bytes = self._at_most = int(ends[rows - 1]) if rows else self._bytes
        self._counted = len(self._waiting) + (rows > 0)
        return rows

    def rest(self) -> Iterator[RowGroup]:
        """The rows that fill no row group, if there are any."""
        if self._rows:
            yield self._join()

    def _join(self) -> RowGroup:
        pieces, rows = self._waiting, self._rows
        self._waiting, self._rows, self._at_most, self._counted, self._bytes = [], 0, 0, 0, 0
        columns = {field.name: _join_column(pieces, field) for field in self._schema}
        return RowGroup(rows, {name: column for name, column in columns.items() if column is not None})


def _heavy(group: RowGroup) -> Iterator[pa.ChunkedArray]:
    """The columns whose bytes count: lists, texts and masks. Numbers and codes count nothing."""
    return (each for each in group.columns.values() if pa.types.is_nested(each.type) or pa.types.is_string(each.type))


def _at_most(group: RowGroup) -> int:
    """What `_bytes_of_rows` comes to for all rows together, or more; no row is looked at."""
    return sum(bytes_at_most(chunk) for column in _heavy(group) for chunk in column.chunks)


def _bytes_of_rows(group: RowGroup) -> Array:
    """int64[rows]: what the lists, texts and masks of each row hold."""
    total = np.zeros(group.rows, np.int64)
    for column in _heavy(group):
        sizes = _bytes_of(column)
        total += np.where(column.is_valid(), sizes, 0) if column.null_count else sizes
    return total


def _bytes_of(column: pa.ChunkedArray) -> Array | int:
    """Bytes of each row, or of any; a null one's may be anything."""
    every = fixed_bytes(column.type)
    if every is not None:
        return every
    parts = (np.diff(bytes_up_to(chunk)) for chunk in column.chunks)
    return np.concatenate([np.empty(0, np.int64), *parts])


def _conform(data: pa.Table | pa.RecordBatch, schema: pa.Schema) -> RowGroup:
    table = pa.Table.from_batches([data]) if isinstance(data, pa.RecordBatch) else data
    extra = set(table.column_names) - set(schema.names)
    if extra or len(set(table.column_names)) != table.num_columns:
        raise ValueError(f"columns {sorted(extra) or table.column_names} are not those of the table")
    missing = {field.name for field in schema if not field.nullable} - set(table.column_names)
    if missing and table.num_rows:
        raise ValueError(f"required columns {sorted(missing)} are missing")
    columns = {name: _column(table.column(name), schema.field(name)) for name in table.column_names}
    return RowGroup(table.num_rows, {name: column for name, column in columns.items() if column is not None})


def _column(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray | None:
    """The column in its table's type; None where it holds no value."""
    if not field.nullable and column.null_count:
        raise ValueError(f"column {field.name} is required and has {column.null_count} nulls")
    if column.null_count == len(column):
        return None
    if column.type == field.type:
        return column
    if field.type == CODES:
        return column.cast(pa.string()).dictionary_encode()
    return column.cast(field.type)


def _join_column(pieces: list[RowGroup], field: pa.Field) -> pa.ChunkedArray | None:
    """The column in as many chunks as there are: nothing is copied until it is written."""
    columns = [(piece.rows, piece.columns.get(field.name)) for piece in pieces]
    if all(column is None for _, column in columns):
        return None
    chunks = [
        chunk for n, column in columns for chunk in ([pa.nulls(n, field.type)] if column is None else column.chunks)
    ]
    return pa.chunked_array(chunks, type=field.type)
