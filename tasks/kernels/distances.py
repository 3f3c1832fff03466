"""Distances as similarities, so that one way of matching serves both."""

import numpy as np

from tasks.kernels.arrays import Float64
from tasks.kernels.compile import kernel


@kernel
def similarity_of(distance: float, limits: Float64) -> float:
    """1 - distance / (2 x the largest limit), 0 beyond; `limits` float64[T] ascend, above 0, in the distance's unit.

    Exact where it decides: it is at least 1 - limit / (2 x the largest limit) just where distance <= limit, also where
    the quotients round to one number.
    """
    reach = 2 * limits[-1]
    similarity = max(0.0, 1 - distance / reach)
    for limit in limits:
        threshold = 1 - limit / reach
        if distance > limit and similarity >= threshold:
            similarity = np.nextafter(threshold, 0.0)
    return similarity
