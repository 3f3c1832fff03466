"""From batches of any size to row groups of one size, in one form: equal rows give equal bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.tables import Table
from tasks.storage.encoding import CODES, ROW_GROUP_ROWS, layout_of


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some rows: the columns that hold a value. All-null ones are made again, once, when a row group is full."""

    rows: int
    columns: dict[str, pa.ChunkedArray]

    def slice(self, start: int, rows: int) -> "_Piece":
        return _Piece(rows, {name: column.slice(start, rows) for name, column in self.columns.items()})


class RowGroups:
    """Collects rows in order and gives them back as row groups; holds less than one row group between calls."""

    def __init__(self, table: Table) -> None:
        """Rows are brought to the schema of `table`; text becomes codes of a dictionary."""
        self._schema = layout_of(table).schema
        self._waiting: list[_Piece] = []
        self._rows = 0

    def push(self, data: pa.Table | pa.RecordBatch) -> Iterator[pa.Table]:
        """Take rows, give every row group that became full.

        Nullable columns may be missing. ValueError for an unknown column, a missing one, or a null where none may be.
        """
        new, start = _conform(data, self._schema), 0
        while start < new.rows:
            rows = min(new.rows - start, ROW_GROUP_ROWS - self._rows)
            self._waiting.append(new.slice(start, rows))
            self._rows += rows
            start += rows
            if self._rows == ROW_GROUP_ROWS:
                yield self._join()

    def rest(self) -> Iterator[pa.Table]:
        """The rows that fill no row group, if there are any."""
        if self._rows:
            yield self._join()

    def _join(self) -> pa.Table:
        pieces, rows = self._waiting, self._rows
        self._waiting, self._rows = [], 0
        return pa.table([_join_column(pieces, field, rows) for field in self._schema], schema=self._schema)


def _conform(data: pa.Table | pa.RecordBatch, schema: pa.Schema) -> _Piece:
    table = pa.Table.from_batches([data]) if isinstance(data, pa.RecordBatch) else data
    extra = set(table.column_names) - set(schema.names)
    if extra or len(set(table.column_names)) != table.num_columns:
        raise ValueError(f"columns {sorted(extra) or table.column_names} are not those of the table")
    missing = {field.name for field in schema if not field.nullable} - set(table.column_names)
    if missing and table.num_rows:
        raise ValueError(f"required columns {sorted(missing)} are missing")
    columns = {name: _column(table.column(name), schema.field(name)) for name in table.column_names}
    return _Piece(table.num_rows, {name: column for name, column in columns.items() if column is not None})


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


def _join_column(pieces: list[_Piece], field: pa.Field, rows: int) -> pa.Array:
    columns = [(piece.rows, piece.columns.get(field.name)) for piece in pieces]
    if all(column is None for _, column in columns):
        return _full_nulls(field.type) if rows == ROW_GROUP_ROWS else pa.nulls(rows, field.type)
    chunks = [
        chunk for n, column in columns for chunk in ([pa.nulls(n, field.type)] if column is None else column.chunks)
    ]
    return _canonical(pa.chunked_array(chunks, type=field.type))


@cache
def _full_nulls(type: pa.DataType) -> pa.Array:
    return pa.nulls(ROW_GROUP_ROWS, type)


def _canonical(column: pa.ChunkedArray) -> pa.Array:
    """One chunk; a dictionary in order of its values and without unused ones, so that it tells nothing of batches."""
    if column.type != CODES:
        return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    codes = column.chunk(0) if column.num_chunks == 1 else column.unify_dictionaries().combine_chunks()
    if codes.dictionary.null_count:
        codes = codes.cast(pa.string()).dictionary_encode()
    if len(codes.dictionary) == 1 and codes.null_count < len(codes):
        return codes
    present = codes.indices.drop_null().to_numpy()
    used = np.flatnonzero(np.bincount(present, minlength=len(codes.dictionary)))
    values = codes.dictionary.take(pa.array(used))
    order = pc.sort_indices(values).to_numpy()
    position = np.zeros(len(codes.dictionary), dtype=np.int32)
    position[used[order]] = np.arange(len(used), dtype=np.int32)
    return pa.DictionaryArray.from_arrays(pc.take(pa.array(position), codes.indices), values.take(pa.array(order)))
