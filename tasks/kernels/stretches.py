"""Stretches of neighbouring rows copied one behind another; S of them, rows starts[s]:stops[s], in any order."""

import numpy as np

from tasks.kernels.arrays import Int32, Int64, UInt8
from tasks.kernels.compile import kernel
from tasks.kernels.json_bytes import copy_bytes, pointer


@kernel
def copied_stretches(values: UInt8, starts: Int64, stops: Int64, width: int) -> UInt8:
    """The bytes of rows of `width` bytes each. No stretches: none."""
    rows = 0
    for s in range(len(starts)):
        rows += stops[s] - starts[s]
    copied, at = np.empty(rows * width, np.uint8), 0
    for s in range(len(starts)):
        size = (stops[s] - starts[s]) * width
        copy_bytes(pointer(values), starts[s] * width, pointer(copied), at, size)
        at += size
    return copied


@kernel
def listed_stretches(offsets: Int32, starts: Int64, stops: Int64) -> tuple[Int32, Int64, Int64]:
    """(offsets once copied, starts and stops of the items), row r being a list of items offsets[r]:offsets[r + 1]."""
    rows = 0
    for s in range(len(starts)):
        rows += stops[s] - starts[s]
    ends, first, last = np.zeros(rows + 1, np.int32), np.empty(len(starts), np.int64), np.empty(len(starts), np.int64)
    row, at = 0, 0
    for s in range(len(starts)):
        begin = int(offsets[starts[s]])
        for r in range(starts[s], stops[s]):
            row += 1
            ends[row] = at + offsets[r + 1] - begin
        first[s], last[s] = begin, offsets[stops[s]]
        at += last[s] - begin
    return ends, first, last
