"""Levels of Parquet's nested columns: which values are there, and where a list goes on.

https://github.com/apache/parquet-format

A leaf's path is a row of layers: things that may be missing, and lists. What lies in a layer is said only of what is
there in the one before it, so every layer is gone through once.
"""

import numpy as np

from tasks.kernels.arrays import Int32, UInt8
from tasks.kernels.compile import kernel
from tasks.kernels.parquet_encodings import narrow_hybrid


@kernel
def _marked(definition: UInt8, depth: int, there: Int32) -> UInt8:
    """One level deeper where an optional value is there; `there` of none means that all are."""
    marked, n = definition.copy(), 0
    for e in range(len(definition)):
        if definition[e] == depth:
            marked[e] += 1 if len(there) == 0 else there[n]
            n += 1
    return marked


@kernel
def _open(definition: UInt8, repetition: UInt8, depth: int, level: int, lengths: Int32) -> tuple[UInt8, UInt8]:
    """Entries of the items of lists, as levels; an empty list is an entry of its own."""
    entries = len(definition)
    for length in lengths:
        entries += max(0, length - 1)
    deeper, within = np.empty(entries, np.uint8), np.empty(entries, np.uint8)
    at, n = 0, 0
    for e in range(len(definition)):
        length = 0
        if definition[e] == depth:
            length = lengths[n]
            n += 1
        deeper[at], within[at] = definition[e] + (length > 0), repetition[e]
        at += 1
        for _ in range(1, length):
            deeper[at], within[at] = depth + 1, level
            at += 1
    return deeper, within


@kernel
def with_layer(
    definition: UInt8, repetition: UInt8, depth: int, level: int, repeated: bool, said: Int32
) -> tuple[UInt8, UInt8]:
    """(definition, repetition) uint8[E] of entries below one layer more, the `depth`-th; `level` lists are above it.

    It is a list (`repeated`) of `said` items each, or an optional value that is there (1) or not (0), said of those
    that lie in a thing that is there. A layer of optional values of which nothing is said has all of them.
    """
    if repeated:
        return _open(definition, repetition, depth, level + 1, said)
    return _marked(definition, depth, said), repetition


@kernel
def level_bytes(levels: UInt8, highest: int) -> UInt8:
    """Levels up to `highest`, at least 1, as the bytes of their runs."""
    width = 0
    while highest >> width:
        width += 1
    return narrow_hybrid(levels, width)
