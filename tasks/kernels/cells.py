"""Sets of cells, so that one operation decides in all of them.

A cell is an area range a and a threshold t: bit a * T + t of W 64-bit words.
"""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Float64, UInt64
from tasks.kernels.compile import kernel


class Cells(NamedTuple):
    """The cells of A area ranges and T thresholds."""

    limits: Float64
    """float64[T], ascending."""
    reached: UInt64
    """uint64[T+1, W]: cells whose threshold is one of the l lowest."""
    ranges: UInt64
    """uint64[A, W]: cells of range a."""


@kernel
def _add(words: UInt64, cell: int) -> None:
    words[cell // 64] |= np.uint64(1) << np.uint64(cell % 64)


@kernel
def all_cells(limits: Float64, n_ranges: int) -> Cells:
    """The cells of thresholds `limits` float64[T], in any order, and `n_ranges` ranges."""
    n_t = len(limits)
    ascending = np.sort(limits)
    n_words = (n_ranges * n_t + 63) // 64
    reached, ranges = np.zeros((n_t + 1, n_words), np.uint64), np.zeros((n_ranges, n_words), np.uint64)
    for a in range(n_ranges):
        for t in range(n_t):
            _add(ranges[a], a * n_t + t)
            for level in range(n_t):
                if limits[t] <= ascending[level]:
                    _add(reached[level + 1], a * n_t + t)
    return Cells(ascending, reached, ranges)


@kernel
def cells_inside(outside: UInt64, cells: Cells) -> UInt64:
    """uint64[n, W]: the cells of the ranges that `outside` uint64[n] has no bit for."""
    inside = np.zeros((len(outside), cells.ranges.shape[1]), np.uint64)
    for i in range(len(outside)):
        for a in range(len(cells.ranges)):
            if not (outside[i] >> np.uint64(a)) & np.uint64(1):
                inside[i] |= cells.ranges[a]
    return inside
