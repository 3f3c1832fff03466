"""Rows of a table sorted by group, where neighbours mostly go together: stretches of rows are copied, not rows.

Arrow looks every row up by itself, in every list and every struct of it.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.records import Array
from tasks.columns import one_chunk, only_read, validity
from tasks.kernels.stretches import copied_stretches, listed_stretches

_WORTH_IT = 4
"""Rows of a stretch, on average, from which on copying stretches is faster than looking rows up."""


class Stretches(NamedTuple):
    """S stretches of neighbouring rows, in the order in which they are wanted."""

    starts: Array
    """int64[S]"""
    stops: Array
    """int64[S]"""

    def rows(self) -> Array:
        """int64[n]: the rows, one by one."""
        lengths = self.stops - self.starts
        before = np.cumsum(lengths) - lengths
        return np.repeat(self.starts - before, lengths) + np.arange(lengths.sum())


def sorted_by_group(rows: pa.Table, group: Array) -> pa.Table:
    """The rows by ascending group, uint16[n]; those of a group as they were. No rows: none."""
    starts = np.append(0, np.flatnonzero(group[1:] != group[:-1]) + 1)[: len(group)]
    order = np.argsort(group[starts], kind="stable")
    stretches = Stretches(starts[order], np.append(starts[1:], len(group))[: len(group)][order])
    if len(starts) * _WORTH_IT > len(group):
        return pc.take(rows, pa.array(stretches.rows()), boundscheck=False)
    columns = [_moved(one_chunk(column), stretches) for column in rows.columns]
    return pa.table(columns, schema=rows.schema)


def _moved(array: pa.Array, stretches: Stretches) -> pa.Array:
    """All rows of a column in another order."""
    kind = array.type
    if array.null_count == len(array) or (pa.types.is_dictionary(kind) and _says_one_thing(array)):
        return array
    return _taken(array, stretches)


def _says_one_thing(array: pa.DictionaryArray) -> bool:
    return len(array.dictionary) == 1 and not array.null_count


def _taken(array: pa.Array, stretches: Stretches) -> pa.Array:
    """The rows of the stretches."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return pa.DictionaryArray.from_arrays(_taken(array.indices, stretches), array.dictionary, safe=False)
    if pa.types.is_boolean(kind) or not _known(kind):
        return pc.take(array, pa.array(stretches.rows()), boundscheck=False)
    rows, (bitmap, nulls) = int((stretches.stops - stretches.starts).sum()), _validity(array, stretches)
    if pa.types.is_struct(kind):
        children = [_taken(array.field(k), stretches) for k in range(kind.num_fields)]
        return pa.Array.from_buffers(kind, rows, [bitmap], nulls, children=children)
    if pa.types.is_list(kind):
        ends, items = _items(array, stretches)
        return pa.Array.from_buffers(kind, rows, [bitmap, ends], nulls, children=[_taken(array.values, items)])
    if pa.types.is_binary(kind) or pa.types.is_string(kind):
        ends, items = _items(array, stretches)
        return pa.Array.from_buffers(kind, rows, [bitmap, ends, _bytes(array.buffers()[2], items, 1)], nulls)
    width = kind.bit_width // 8
    begin = array.offset
    moved = Stretches(stretches.starts + begin, stretches.stops + begin)
    return pa.Array.from_buffers(kind, rows, [bitmap, _bytes(array.buffers()[1], moved, width)], nulls)


def _known(kind: pa.DataType) -> bool:
    """Whether a type's buffers are laid out as `_taken` reads them."""
    nested = pa.types.is_struct(kind) or pa.types.is_list(kind)
    numbers = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_timestamp(kind)
    return nested or numbers or pa.types.is_binary(kind) or pa.types.is_string(kind)


def _validity(array: pa.Array, stretches: Stretches) -> tuple[pa.Buffer | None, int]:
    if not array.null_count:
        return None, 0
    there = np.asarray(array.is_valid()).view(np.uint8)
    return validity(copied_stretches(only_read(there), *stretches, 1).view(np.bool_))


def _items(array: pa.Array, stretches: Stretches) -> tuple[pa.Buffer, Stretches]:
    """(offsets of the lists or texts once moved, the stretches of their items)."""
    offsets = np.frombuffer(array.buffers()[1], np.int32, len(array) + 1, array.offset * 4)
    ends, *items = listed_stretches(offsets, *stretches)
    return pa.py_buffer(ends), Stretches(*items)


def _bytes(buffer: pa.Buffer | None, stretches: Stretches, width: int) -> pa.Buffer:
    values = np.empty(0, np.uint8) if buffer is None else np.frombuffer(buffer, np.uint8)
    return pa.py_buffer(copied_stretches(only_read(values), *stretches, width))
