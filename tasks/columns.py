"""Arrow columns as arrays and back, without copying where their layout allows it."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Array = npt.NDArray[Any]


def one_chunk(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The column as a single array with offset 0 semantics left to Arrow; empty columns stay empty."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()  # which copies even a single one


def struct_matrix(column: pa.Array | pa.ChunkedArray, names: Sequence[str]) -> Array:
    """float64[n, len(names)] of a struct column's fields; rows that are null become NaN."""
    array = one_chunk(column)
    matrix = np.empty((len(array), len(names)))
    for k, name in enumerate(names):
        field = pc.struct_field(array, name)  # carries the struct's own nulls, which .field() does not
        matrix[:, k] = field.to_numpy(zero_copy_only=False)
    return matrix


def matrix_struct(matrix: Array, names: Sequence[str], null: Array | None = None) -> pa.Array:
    """A struct column of the matrix' columns; `null` bool[n] marks rows without a value."""
    fields = [pa.array(np.ascontiguousarray(matrix[:, k])) for k in range(len(names))]
    mask = None if null is None or not null.any() else pa.array(null)
    return pa.StructArray.from_arrays(fields, names=list(names), mask=mask)


def numbers(column: pa.Array | pa.ChunkedArray, missing: float | int | bool = np.nan) -> Array:
    """The column as a numpy array; nulls become `missing`."""
    array = one_chunk(column)
    if array.null_count:
        array = pc.fill_null(array, pa.scalar(missing, array.type))
    return _bools(array) if pa.types.is_boolean(array.type) and len(array) else array.to_numpy(zero_copy_only=False)


def _bools(array: pa.BooleanArray) -> Array:
    """bool[n] of values that are all there; Arrow itself goes from bit to bit."""
    packed = np.frombuffer(array.buffers()[1], np.uint8)
    return np.unpackbits(packed, count=array.offset + len(array), bitorder="little")[array.offset :].view(bool)


def validity(there: Array) -> tuple[pa.Buffer | None, int]:
    """(bitmap, nulls) of a column whose rows are there by bool[n]; no bitmap where every one is."""
    nulls = len(there) - int(np.count_nonzero(there))
    return (pa.py_buffer(np.packbits(there, bitorder="little")) if nulls else None), nulls


def nullable(values: Array, there: Array) -> pa.Array:
    """A column of numbers that is null where `there` bool[n] is not set; the numbers are not copied, as Arrow does."""
    return with_bitmap(values, *validity(there))


def with_bitmap(values: Array, bitmap: pa.Buffer | None, nulls: int) -> pa.Array:
    """As `nullable`, by what `validity` gives."""
    values = np.ascontiguousarray(values)
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [bitmap, pa.py_buffer(values)], nulls)


def only_read(array: Array) -> Array:
    """A view that cannot be written to, as Arrow gives its own: kernels are compiled once for both."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


def list_parts(column: pa.Array) -> tuple[pa.Array, Array]:
    """(values, int64 offsets from 0) of a list column without nulls, whatever slice it is."""
    offsets = column.offsets.to_numpy()
    return column.values.slice(offsets[0], offsets[-1] - offsets[0]), (offsets - offsets[0]).astype(np.int64)


def bytes_parts(column: pa.Array) -> tuple[Array, Array]:
    """(uint8 data, int64 offsets from 0) of a binary column; a null row has no bytes."""
    array = one_chunk(column)
    if len(array) == 0:
        return np.empty(0, np.uint8), np.zeros(1, np.int64)
    _, offset_buffer, data_buffer = array.buffers()
    offsets = np.frombuffer(offset_buffer, np.int32, len(array) + 1, array.offset * 4).astype(np.int64)
    data = np.frombuffer(data_buffer, np.uint8) if data_buffer is not None else np.empty(0, np.uint8)
    return data[offsets[0] : offsets[-1]], offsets - offsets[0]


def bytes_column(data: Array, offsets: Array) -> pa.Array:
    """A binary column of n rows from flat bytes and n + 1 offsets; at most 2 GiB of bytes."""
    buffers = [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(np.ascontiguousarray(data))]
    return pa.Array.from_buffers(pa.binary(), len(offsets) - 1, buffers)


def constant(value: str | None, rows: int) -> pa.Array:
    """A text column that says the same in every row, at the cost of four bytes a row, which are shared."""
    if value is None:
        return pa.nulls(rows, pa.dictionary(pa.int32(), pa.string()))
    return pa.DictionaryArray.from_arrays(zeros(rows), pa.array([value]), safe=False)


_SHARED_ROWS = 1 << 18
"""Most blocks of records have fewer."""


def zeros(rows: int) -> pa.Array:
    """int32: fresh memory only for many rows; the others share theirs."""
    return _shared_zeros().slice(0, rows) if rows <= _SHARED_ROWS else pa.array(np.zeros(rows, np.int32))


@cache
def _shared_zeros() -> pa.Array:
    return pa.array(np.zeros(_SHARED_ROWS, np.int32))


def no_values(kind: pa.DataType, rows: int) -> pa.Array:
    """A column without values; memory as of `zeros`."""
    return _shared_nulls(kind).slice(0, rows) if rows <= _SHARED_ROWS else pa.nulls(rows, kind)


@cache
def _shared_nulls(kind: pa.DataType) -> pa.Array:
    return pa.nulls(_SHARED_ROWS, kind)


def dictionary(column: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    """The column dictionary-encoded, unless it is already."""
    array = one_chunk(column)
    return array if isinstance(array, pa.DictionaryArray) else array.dictionary_encode()


def lookup(column: pa.Array | pa.ChunkedArray, index: Mapping[str, int], missing: int = -1) -> Array:
    """int64[n]: `index` of each text; `missing` where it is unknown or null. Work is per distinct text."""
    encoded = dictionary(column)
    texts = encoded.dictionary.to_pylist()
    try:
        found = [*map(index.__getitem__, texts)]
    except KeyError:
        found = [index.get(text, missing) for text in texts]
    table = np.array([*found, missing], np.int64)
    indices = encoded.indices
    positions = pc.fill_null(indices, len(table) - 1) if indices.null_count else indices
    return table[positions.to_numpy(zero_copy_only=False)]


def place(column: pa.Array, rows: Array, count: int) -> pa.Array:
    """A column of `count` rows holding `column` at `rows` (ascending) and null elsewhere.

    What lists and bytes hold is not copied: a row that is null has none of it.
    """
    if len(column) == count:
        return column
    given = np.zeros(count, bool)
    given[rows] = True
    kind, (bitmap, nulls) = column.type, validity(given)
    if column.null_count == 0 and pa.types.is_struct(kind):
        children = [place(child, rows, count) for child in column.flatten()]
        return pa.Array.from_buffers(kind, count, [bitmap], nulls, children=children)
    if column.null_count == 0 and pa.types.is_list(kind):
        ends = pa.py_buffer(column.offsets.to_numpy().take(_rows_before(given)))
        return pa.Array.from_buffers(kind, count, [bitmap, ends], nulls, children=[column.values])
    if column.null_count == 0 and len(column) and (pa.types.is_binary(kind) or pa.types.is_string(kind)):
        _, offsets, data = column.buffers()
        ends = np.frombuffer(offsets, np.int32, len(column) + 1, column.offset * 4)[_rows_before(given)]
        return pa.Array.from_buffers(kind, count, [bitmap, pa.py_buffer(ends), data], nulls)
    where = np.full(count, -1, np.int64)
    where[rows] = np.arange(len(column))
    return column.take(pa.array(where, mask=~given))


def _rows_before(given: Array) -> Array:
    """int32[n + 1]: how many of the rows before each are given."""
    before = np.zeros(len(given) + 1, np.int32)
    np.cumsum(given, out=before[1:])
    return before


def without_nulls(column: pa.Array) -> pa.Array:
    """The rows that are there; what lists hold is not copied, unless a null hides items."""
    if column.null_count == 0 or not pa.types.is_list(column.type):
        return column.drop_null()
    offsets, given = column.offsets.to_numpy(), np.asarray(column.is_valid())
    if np.diff(offsets)[~given].any():
        return column.drop_null()
    begins = pa.py_buffer(np.append(offsets[:-1][given], offsets[-1]))
    return pa.Array.from_buffers(column.type, int(given.sum()), [None, begins], 0, children=[column.values])


def concatenate(tables: Sequence[pa.Table], schema: pa.Schema) -> pa.Table:
    """The tables below one another in `schema`; an empty table when there is none."""
    kept = [table.select(schema.names).cast(schema) for table in tables]
    return pa.concat_tables(kept) if kept else schema.empty_table()


def completed(columns: Mapping[str, Any], schema: pa.Schema, rows: int) -> pa.Table:
    """A table of `schema`: the columns that are given (arrays or lists), null in all others."""
    unknown = set(columns) - set(schema.names)
    if unknown:
        raise ValueError(f"columns {sorted(unknown)} are not those of the table")
    made = [columns[f.name] if f.name in columns else pa.nulls(rows, f.type) for f in schema]
    arrays = [one_chunk(c) if isinstance(c, pa.Array | pa.ChunkedArray) else c for c in made]
    typed = [
        a.cast(f.type) if isinstance(a, pa.Array) else pa.array(a, f.type) for a, f in zip(arrays, schema, strict=True)
    ]
    return pa.table(typed, schema=schema)
