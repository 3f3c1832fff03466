"""Arrow columns taken apart into Parquet's leaves: values without nulls, and levels that say where they belong.

A definition level counts how many of the optional and repeated things on a leaf's path are there; a repetition level
says which list an entry goes on in, 0 where a row begins. Both follow from the layers of the path.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tasks.columns import numbers, only_read
from tasks.kernels.parquet_levels import lengths_there, values_there

Array = npt.NDArray[Any]

_WIDTHS: dict[int, np.dtype[Any]] = {32: np.dtype(np.int32), 64: np.dtype(np.int64)}
"""Numbers and times by the bits of each: what they mean does not matter."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A column of a Parquet file."""

    path: tuple[str, ...]
    type: pa.DataType
    max_definition: int
    max_repetition: int


class Layer(NamedTuple):
    """An optional thing or a list on a leaf's path, said of those that lie in a thing that is there."""

    repeated: bool
    """It is a list."""
    reached: int
    """Of how many it is said."""
    there: Array | None = None
    """int32[reached], the items of a list, or bool[reached], whether an optional value is there; None: all are."""


@dataclass(frozen=True, slots=True)
class Levels:
    """What the levels of a leaf follow from, over a stretch of rows."""

    rows: int
    entries: int
    """Values, and places where one is missing or a list is empty."""
    alive: int
    """Entries that are there so far."""
    layers: tuple[Layer, ...] = ()

    @classmethod
    def of_rows(cls, rows: int) -> "Levels":
        """Before anything is optional or a list."""
        return cls(rows, rows, rows)

    def optional(self, valid: Array | None) -> "Levels":
        """Values that may be missing; `valid` is bool of the entries alive, None where all are there."""
        alive = self.alive if valid is None else int(np.count_nonzero(valid))
        return replace(self, alive=alive, layers=(*self.layers, Layer(False, self.alive, valid)))

    def lists(self, lengths: Array) -> "Levels":
        """The items of lists, `lengths` of those alive; an empty list is an entry of its own."""
        items = int(lengths.sum())
        entries = self.entries + items - int(np.count_nonzero(lengths))
        layer = Layer(True, self.alive, lengths.astype(np.int32, copy=False))
        return Levels(self.rows, entries, items, (*self.layers, layer))


def leaves_of(schema: pa.Schema) -> list[Leaf]:
    """The leaves of a schema, in order."""
    return [leaf for field in schema for leaf in _leaves(field, (field.name,), 0, 0)]


def _leaves(field: pa.Field, path: tuple[str, ...], definition: int, repetition: int) -> Iterator[Leaf]:
    definition += field.nullable
    kind = field.type
    if pa.types.is_list(kind):
        yield from _leaves(kind.value_field, (*path, "list", "element"), definition + 1, repetition + 1)
    elif pa.types.is_struct(kind):
        for child in kind:
            yield from _leaves(child, (*path, child.name), definition, repetition)
    else:
        yield Leaf(path, kind, definition, repetition)


def shredded(array: pa.Array, field: pa.Field) -> Iterator[tuple[Levels, pa.Array]]:
    """(levels, values without nulls) of each leaf of a column."""
    return _shredded(array, field, Levels.of_rows(len(array)))


def _shredded(array: pa.Array, field: pa.Field, levels: Levels) -> Iterator[tuple[Levels, pa.Array]]:
    chosen = array.is_valid() if array.null_count else None
    valid = None if chosen is None else numbers(chosen)
    if field.nullable:
        levels = levels.optional(valid)
    if pa.types.is_list(field.type):
        lengths, items = _items(array, valid)
        yield from _shredded(items, field.type.value_field, levels.lists(lengths))
    elif pa.types.is_struct(field.type):
        for k, child in enumerate(field.type):
            values = array.field(k)
            yield from _shredded(values if chosen is None else values.filter(chosen), child, levels)
    else:
        yield levels, array if valid is None else _there(array, valid)


def _items(array: pa.Array, valid: Array | None) -> tuple[Array, pa.Array]:
    """(lengths of the lists that are there, their items one after another)."""
    offsets = array.offsets.to_numpy()
    items = array.values.slice(offsets[0], offsets[-1] - offsets[0])
    if valid is None:
        return np.diff(offsets), items
    lengths, hidden = lengths_there(only_read(offsets), only_read(valid))
    return lengths, array.flatten() if hidden else items


def _there(array: pa.Array, valid: Array) -> pa.Array:
    """The values that are there; Arrow itself takes three times as long over numbers and codes."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return pa.DictionaryArray.from_arrays(_there(array.indices, valid), array.dictionary, safe=False)
    width = _WIDTHS.get(kind.bit_width) if pa.types.is_primitive(kind) else None
    if width is None:
        return array.drop_null()
    values: Array = np.frombuffer(array.buffers()[1], width, len(array), array.offset * width.itemsize)
    kept = values_there(values, only_read(valid))
    return pa.Array.from_buffers(kind, len(kept), [None, pa.py_buffer(kept)], 0)


def fixed_bytes(kind: pa.DataType) -> int | None:
    """Bytes of a value as `bytes_up_to` counts them, where all of a type hold as many."""
    if pa.types.is_nested(kind) and not pa.types.is_struct(kind):
        return None
    if pa.types.is_binary(kind) or pa.types.is_string(kind) or pa.types.is_dictionary(kind):
        return None
    if not pa.types.is_struct(kind):
        return 8
    parts = [fixed_bytes(child.type) for child in kind]
    return None if None in parts else sum(filter(None, parts))


def bytes_up_to(array: pa.Array, positions: Array | None = None) -> Array:
    """int64: bytes of lists, texts and masks that the first `positions` rows of a column hold; 8 for a number.

    Without positions: up to each row, and up to the end.
    """
    kind = array.type
    if pa.types.is_list(kind):
        offsets = array.offsets.to_numpy()
        return bytes_up_to(array.values, offsets if positions is None else offsets[positions])
    if pa.types.is_struct(kind):
        parts = [bytes_up_to(array.field(k), positions) for k in range(kind.num_fields)]
        return np.sum(parts, axis=0)
    if pa.types.is_dictionary(kind) or pa.types.is_binary(kind) or pa.types.is_string(kind):
        ends = _bytes_of_words(array) if pa.types.is_dictionary(kind) else byte_offsets(array)
        return ends if positions is None else ends[positions]
    return np.arange(len(array) + 1) * 8 if positions is None else positions.astype(np.int64) * 8


def bytes_at_most(array: pa.Array) -> int:
    """What `bytes_up_to` says of all rows, or more: every word of a dictionary counts as its longest, and nulls too."""
    kind = array.type
    if not len(array):
        return 0
    if pa.types.is_list(kind):
        first, end = array.offsets[0].as_py(), array.offsets[-1].as_py()
        return bytes_at_most(array.values.slice(first, end - first))
    if pa.types.is_struct(kind):
        return sum(bytes_at_most(array.field(k)) for k in range(kind.num_fields))
    if pa.types.is_dictionary(kind):
        return len(array) * int(np.diff(byte_offsets(array.dictionary)).max(initial=0))
    if pa.types.is_binary(kind) or pa.types.is_string(kind):
        offsets = byte_offsets(array.slice(0, 1))[0], byte_offsets(array.slice(len(array) - 1))[-1]
        return int(offsets[1] - offsets[0])
    return len(array) * 8


def _bytes_of_words(array: pa.DictionaryArray) -> Array:
    """As `byte_offsets` of the texts themselves."""
    lengths = np.append(np.diff(byte_offsets(array.dictionary)), 0)
    codes = array.indices.fill_null(len(lengths) - 1) if array.null_count else array.indices
    return np.concatenate([[0], np.cumsum(lengths[codes.to_numpy()])])


def byte_offsets(array: pa.Array) -> Array:
    """int64[n + 1]: where each of n texts begins in their buffer, and where the last one ends."""
    if not len(array):
        return np.zeros(1, np.int64)
    return np.frombuffer(array.buffers()[1], np.int32, len(array) + 1, array.offset * 4).astype(np.int64)
