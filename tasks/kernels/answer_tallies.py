"""Sums of frames by what rows are about."""

import numpy as np

from tasks.kernels.arrays import Int64
from tasks.kernels.compile import kernel
from tasks.kernels.row_order import ascending


@kernel
def summed(keys: Int64, counts: Int64, runs: Int64) -> tuple[Int64, Int64]:
    """(int64[K, m], int64[C, m]): C counts of rows of the same K keys added up, by ascending keys.

    `keys` int64[K, n] and `counts` int64[C, n]; `runs` as of `ascending`. Nothing in, nothing out.
    """
    order = ascending(keys, runs)
    first = np.ones(len(order), np.bool_)
    for i in range(1, len(order)):
        same = True
        for k in range(keys.shape[0]):
            same &= keys[k, order[i]] == keys[k, order[i - 1]]
        first[i] = not same
    found = int(np.count_nonzero(first))
    which, sums = np.empty((keys.shape[0], found), np.int64), np.zeros((counts.shape[0], found), np.int64)
    m = -1
    for i in range(len(order)):
        if first[i]:
            m += 1
            for k in range(keys.shape[0]):
                which[k, m] = keys[k, order[i]]
        for c in range(counts.shape[0]):
            sums[c, m] += counts[c, order[i]]
    return which, sums
