"""Counts of objects by the bins they are in."""

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int8, Int64
from tasks.kernels.compile import kernel


@kernel
def bin_extremes(values: Float64, bins: Int64, width: int) -> Float64:
    """float64[2, M, width + 1]: lowest and highest of values float64[n, M] in each bin int64[n, M].

    Infinity and minus infinity where none is; the last bin, that of nulls, is left so.
    """
    found = np.empty((2, values.shape[1], width + 1))
    found[0], found[1] = np.inf, -np.inf
    for i in range(values.shape[0]):
        for m in range(values.shape[1]):
            place, value = bins[i, m], values[i, m]
            if place < width:
                found[0, m, place] = min(found[0, m, place], value)
                found[1, m, place] = max(found[1, m, place], value)
    return found


@kernel
def pair_counts(groups: Int8, hit: Bool, size: int) -> Int64:
    """int64[2, M * size, M * size]: objects, and hits, in two groups at once; groups int8[n, M], -1 for none."""
    dimensions = groups.shape[1]
    found = np.zeros((2, dimensions * size, dimensions * size), np.int64)
    for i in range(groups.shape[0]):
        for m in range(dimensions):
            if groups[i, m] < 0:
                continue
            row = m * size + groups[i, m]
            for o in range(m, dimensions):
                if groups[i, o] >= 0:
                    column = o * size + groups[i, o]
                    found[0, row, column] += 1
                    found[1, row, column] += hit[i]
    return found
