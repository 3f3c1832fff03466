"""Counts of flags by class."""

import numpy as np

from tasks.kernels.arrays import Bool, Int64
from tasks.kernels.compile import kernel


@kernel
def count_flags(category: Int64, flags: Bool, n_categories: int) -> Int64:
    """int64[K, F]: how many of n rows of each class carry each flag; `category` int64[n], `flags` bool[n, F].

    No rows: zeros.
    """
    counts = np.zeros((n_categories, flags.shape[1]), np.int64)
    for row in range(len(category)):
        for f in range(flags.shape[1]):
            counts[category[row], f] += flags[row, f]
    return counts
