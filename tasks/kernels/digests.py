"""Digests of byte strings, for orders that depend on content alone."""

import numpy as np

from tasks.kernels.arrays import Int64, UInt8, UInt64
from tasks.kernels.compile import kernel


@kernel
def digest_bytes(data: UInt8, offsets: Int64) -> UInt64:
    """uint64[n]: FNV-1a of the bytes data[offsets[k]:offsets[k+1]], uint8 and int64; of no bytes its offset basis."""
    result = np.empty(len(offsets) - 1, np.uint64)
    for k in range(len(offsets) - 1):
        state = np.uint64(0xCBF29CE484222325)
        for place in range(offsets[k], offsets[k + 1]):
            state = (state ^ np.uint64(data[place])) * np.uint64(0x100000001B3)
        result[k] = state
    return result
