"""Label images as runs: stretches of one value down a column, column after column, as COCO's masks go."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Int32, Int64, UInt8
from tasks.kernels.compile import kernel
from tasks.kernels.pairs import grow

MOST_RUNS = 1 << 22
"""An image of more runs is refused: a small file can hold that many, and they would fill the memory."""
_STRIP = 64
"""Columns turned at once: a row of a strip is one line of the cache."""


class Runs(NamedTuple):
    """N runs, none of background, by ascending position."""

    start: Int32
    """Position of the first pixel, counted down the columns."""
    stop: Int32
    """Position after the last pixel, in the same column."""
    value: Int32
    first: Int64
    """i64[width + 1]: the runs of column x are first[x]:first[x + 1]"""


@kernel
def column_runs(pixels: UInt8, background: int) -> Runs:
    """Runs of an image u8[height, width, bytes of a pixel, little end first]; `background` is no value, or -1.

    An image of more than MOST_RUNS has none from some column on: `first` tells.
    """
    height, width, _ = pixels.shape
    start, stop, value = np.empty(1024, np.int32), np.empty(1024, np.int32), np.empty(1024, np.int32)
    first, strip = np.zeros(width + 1, np.int64), np.empty((_STRIP, height), np.int32)
    n = 0
    for left in range(0, width, _STRIP):
        _turn(pixels, left, strip)
        for x in range(left, min(left + _STRIP, width)):
            if n + height > len(start):
                needed = n + height
                start, stop, value = grow(start, n, needed), grow(stop, n, needed), grow(value, n, needed)
            if n <= MOST_RUNS:
                n = _add_runs(strip[x - left], x * height, background, start, stop, value, n)
            first[x + 1] = n
    return Runs(start[:n], stop[:n], value[:n], first)


@kernel
def _turn(pixels: UInt8, left: int, strip: Int32) -> None:
    """Write the values of some columns from `left` on as rows of `strip`."""
    height, width, n_bytes = pixels.shape
    columns = min(len(strip), width - left)
    for y in range(height):
        for x in range(columns):
            value = np.int32(0)
            for k in range(n_bytes):
                value |= np.int32(pixels[y, left + x, k]) << (8 * k)
            strip[x, y] = value


@kernel
def _add_runs(column: Int32, offset: int, background: int, start: Int32, stop: Int32, value: Int32, n: int) -> int:
    """Write the runs of a column whose first pixel is at `offset` from place `n` on; return the next place."""
    y, height = 0, len(column)
    while y < height:
        here, top = column[y], y
        y += 1
        while y < height and column[y] == here:
            y += 1
        if here != background:
            start[n], stop[n], value[n] = offset + top, offset + y, here
            n += 1
    return n
