"""Arrow columns taken apart into Parquet's leaves: values without nulls, and levels that say where they belong.

A definition level counts how many of the optional and repeated things on a leaf's path are there; a repetition level
says which list an entry goes on in, 0 where a row begins.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A column of a Parquet file."""

    path: tuple[str, ...]
    type: pa.DataType
    max_definition: int
    max_repetition: int


@dataclass(slots=True, eq=False)
class Levels:
    """Levels of the entries of a stretch of rows; a single number where all entries have it. Not to be changed."""

    entries: int
    definition: Array | int = 0
    repetition: Array | int = 0
    alive: Array | None = None
    """bool[entries]: those that have a value so far; None where all do."""
    deeper: "Levels | None" = None
    """What `defined` gave where every value was there: fields of one struct have the same."""

    def defined(self, valid: Array | None) -> "Levels":
        """One level deeper where a value is there; `valid` is bool of the entries alive, None where all are there."""
        if valid is None:
            there: Array | int = 1 if self.alive is None else self.alive
            self.deeper = self.deeper or replace(self, definition=self.definition + there)
            return self.deeper
        alive = np.ones(self.entries, bool) if self.alive is None else self.alive.copy()
        alive[alive] = valid
        return replace(self, definition=self.definition + alive.astype(np.int32), alive=alive, deeper=None)

    def repeated(self, lengths: Array, level: int) -> "Levels":
        """Entries of the items of lists, `lengths` of those alive; an empty list is an entry of its own."""
        counts = lengths if self.alive is None else np.zeros(self.entries, lengths.dtype)
        if self.alive is not None:
            counts[self.alive] = lengths
        room = np.maximum(counts, 1)
        ends = np.cumsum(room)
        repetition = np.full(ends[-1] if len(ends) else 0, level, np.int32)
        repetition[ends - room] = self.repetition
        filled = counts > 0
        if filled.all():
            same = isinstance(self.definition, int)
            return Levels(
                len(repetition), (self.definition if same else np.repeat(self.definition, room)) + 1, repetition
            )
        definition = np.repeat(self.definition + filled.astype(np.int32), room)
        return Levels(len(repetition), definition, repetition, np.repeat(filled, room))


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
    return _shredded(array, field, Levels(len(array)), 0)


def _shredded(array: pa.Array, field: pa.Field, levels: Levels, repetition: int) -> Iterator[tuple[Levels, pa.Array]]:
    valid = np.asarray(array.is_valid()) if array.null_count else None
    if field.nullable:
        levels = levels.defined(valid)
    if pa.types.is_list(field.type):
        lengths, items = _items(array, valid)
        levels = levels.repeated(lengths, repetition + 1)
        yield from _shredded(items, field.type.value_field, levels, repetition + 1)
    elif pa.types.is_struct(field.type):
        chosen = None if valid is None else pa.array(valid)
        for k, child in enumerate(field.type):
            values = array.field(k)
            yield from _shredded(values if chosen is None else values.filter(chosen), child, levels, repetition)
    else:
        yield levels, array if valid is None else array.drop_null()


def _items(array: pa.Array, valid: Array | None) -> tuple[Array, pa.Array]:
    """(lengths of the lists that are there, their items one after another)."""
    offsets = array.offsets.to_numpy()
    lengths = np.diff(offsets)
    items = array.values.slice(offsets[0], offsets[-1] - offsets[0])
    if valid is None:
        return lengths, items
    if lengths[~valid].any():  # a null may hide items
        items = array.flatten()
    return lengths[valid], items


def bytes_up_to(array: pa.Array, positions: Array) -> Array:
    """int64: bytes of lists, texts and masks that the first `positions` rows of a column hold; 8 for a number."""
    kind = array.type
    if pa.types.is_list(kind):
        return bytes_up_to(array.values, array.offsets.to_numpy()[positions].astype(np.int64))
    if pa.types.is_struct(kind):
        parts = [bytes_up_to(array.field(k), positions) for k in range(kind.num_fields)]
        return np.sum(parts, axis=0)
    if pa.types.is_binary(kind) or pa.types.is_string(kind):
        return byte_offsets(array)[positions]
    return positions * 8


def byte_offsets(array: pa.Array) -> Array:
    """int64[n + 1]: where each of n texts begins in their buffer, and where the last one ends."""
    if not len(array):
        return np.zeros(1, np.int64)
    return np.frombuffer(array.buffers()[1], np.int32, len(array) + 1, array.offset * 4).astype(np.int64)
