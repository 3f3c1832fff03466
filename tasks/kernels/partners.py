"""Whom positions point at: keys, and a bitmap of those who are there, as Arrow's columns have it."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Int32, Int64, UInt8
from tasks.kernels.compile import kernel


class Partners(NamedTuple):
    """N of them."""

    key: Int64
    """int64[N]; 0 for nobody."""
    there: UInt8
    """uint8[(N + 7) // 8]: a bit each, the first in the lowest."""
    nobody: int
    """How many are not there."""


@kernel
def partners(position: Int32, keys: Int64) -> Partners:
    """The keys at positions int32[N], -1 for nobody; no positions: none."""
    key, there, missing = np.empty(len(position), np.int64), np.empty((len(position) + 7) // 8, np.uint8), 0
    for first in range(0, len(position), 8):
        bits = 0
        for i in range(first, min(first + 8, len(position))):
            known = position[i] >= 0
            key[i] = keys[position[i]] if known else 0
            bits |= int(known) << (i - first)
            missing += not known
        there[first >> 3] = np.uint8(bits)
    return Partners(key, there, missing)
