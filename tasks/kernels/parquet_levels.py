"""Levels of Parquet's nested columns: which values are there, and where a list goes on.

https://github.com/apache/parquet-format

A leaf's path is a row of layers: things that may be missing, and lists. What lies in a layer is said only of what is
there in the one before it, so every layer is gone through once.
"""

import numpy as np

from tasks.kernels.arrays import Bool, Int32, Int64, UInt8
from tasks.kernels.compile import kernel
from tasks.kernels.json_bytes import pointer
from tasks.kernels.parquet_encodings import narrow_hybrid


@kernel
def with_optional(definition: UInt8, depth: int, there: Bool) -> UInt8:
    """uint8[E]: one level deeper where an optional value, the `depth`-th layer, is there.

    `there` is said of those that lie in a thing that is there; of none it means that all are.
    """
    marked, n = definition.copy(), 0
    given, deeper = pointer(there.view(np.uint8)), pointer(marked)
    for e in range(len(marked)):
        if deeper[e] == depth:
            deeper[e] += 1 if len(there) == 0 else given[n]
            n += 1
    return marked


@kernel
def with_list(definition: UInt8, repetition: UInt8, depth: int, level: int, lengths: Int32) -> tuple[UInt8, UInt8]:
    """(definition, repetition) uint8[E] of the items of lists, the `depth`-th layer, with `level` - 1 lists above them.

    `lengths` int32 is said of those that lie in a thing that is there. An empty list is an entry of its own.
    """
    entries = len(definition)
    for length in lengths:
        entries += max(0, length - 1)
    deeper, within = np.empty(entries, np.uint8), np.empty(entries, np.uint8)
    to, to_within, items, n, at = pointer(deeper), pointer(within), pointer(lengths), 0, 0
    for e in range(len(definition)):
        own, length = definition[e], 0
        if own == depth:
            length = items[n]
            n += 1
        to[at], to_within[at] = own + (length > 0), repetition[e]
        at += 1
        for _ in range(1, length):
            to[at], to_within[at] = depth + 1, level
            at += 1
    return deeper, within


@kernel
def lengths_there(offsets: Int32, there: Bool) -> tuple[Int32, bool]:
    """(lengths of the lists that are there, whether those that are not hide items), of int32[n+1] and bool[n]."""
    lengths, n, hidden = np.empty(len(there), np.int32), 0, False
    kept, ends, given = pointer(lengths), pointer(offsets), pointer(there.view(np.uint8))
    for row in range(len(there)):
        length = ends[row + 1] - ends[row]
        kept[n] = length
        n += given[row]
        hidden |= (length > 0) & (given[row] == 0)
    return lengths[:n], hidden


@kernel
def values_there(values: Int32 | Int64, there: Bool) -> Int32 | Int64:
    """The values of those that are there, bool[n]. None: none."""
    kept, n = np.empty_like(values), 0
    for row in range(len(values)):
        kept[n] = values[row]
        n += there[row]
    return kept[:n]


@kernel
def level_bytes(levels: UInt8, highest: int) -> UInt8:
    """Levels up to `highest`, at least 1, as the bytes of their runs."""
    width = 0
    while highest >> width:
        width += 1
    return narrow_hybrid(levels, width)
