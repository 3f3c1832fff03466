"""Levels of Parquet's nested columns: which values are there, and where a list goes on.

https://github.com/apache/parquet-format

A leaf's path is a row of layers: things that may be missing, and lists. What lies in a layer is said only of what is
there in the one before it, so every layer is gone through once.
"""

import numpy as np

from tasks.kernels.arrays import Bool, Int32, Int64, UInt8
from tasks.kernels.compile import kernel
from tasks.kernels.parquet_encodings import hybrid


@kernel
def _mark(definition: UInt8, depth: int, there: Int32) -> None:
    """One level deeper where an optional value is there, in place; `there` of none means that all are."""
    n = 0
    for e in range(len(definition)):
        if definition[e] == depth:
            definition[e] += 1 if len(there) == 0 else there[n]
            n += 1


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
def levels(repeated: Bool, begin: Int64, there: Int32, rows: int) -> tuple[UInt8, UInt8]:
    """(definition, repetition) uint8[E] of a leaf below L layers, over `rows` rows.

    Layer k is a list (`repeated` bool[L]) of there[begin[k]:begin[k + 1]] items each, or an optional value that is
    there (1) or not (0), said of those that lie in a thing that is there. A layer of optional values that says nothing
    has all of them.
    """
    definition, repetition, level = np.zeros(rows, np.uint8), np.zeros(rows, np.uint8), 0
    for k in range(len(repeated)):
        said = there[begin[k] : begin[k + 1]]
        if repeated[k]:
            level += 1
            definition, repetition = _open(definition, repetition, k, level, said)
        else:
            _mark(definition, k, said)
    return definition, repetition


@kernel
def _width(highest: int) -> int:
    """Bits of numbers up to `highest`."""
    width = 0
    while highest >> width:
        width += 1
    return width


@kernel
def level_runs(repeated: Bool, begin: Int64, there: Int32, rows: int) -> tuple[UInt8, UInt8]:
    """(repetition, definition) as the bytes of their runs; the arguments are those of `levels`. No list: no bytes."""
    definition, repetition = levels(repeated, begin, there, rows)
    highest = repeated.sum()
    runs = hybrid(repetition, _width(highest)) if highest else np.empty(0, np.uint8)
    return runs, hybrid(definition, _width(len(repeated)))
