"""Intervals of shares: how far a rate that was counted can be from the one that is meant."""

from statistics import NormalDist

import numpy as np

from schemas.judging import Array

Z_95 = NormalDist().inv_cdf(0.975)
"""Standard deviations of a two-sided interval of 95 %."""


def wilson(hits: Array, counts: Array, z: float = Z_95) -> tuple[Array, Array]:
    """(low, high) float64[...] of Wilson's score interval for `hits` of `counts`; NaN where nothing was counted.

    Wilson, J. Am. Stat. Assoc. 22 (1927), without correction for continuity.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        share = hits / counts
        scale = 1 + z * z / counts
        centre = (share + z * z / (2 * counts)) / scale
        half = z / scale * np.sqrt(share * (1 - share) / counts + z * z / (4 * counts * counts))
    low = np.where(hits == 0, 0.0, centre - half)
    high = np.where(hits == counts, 1.0, centre + half)
    nothing = counts == 0
    return np.where(nothing, np.nan, low), np.where(nothing, np.nan, high)


def bonferroni(looks: int, error: float = 0.05) -> float:
    """Standard deviations of one-sided bounds that hold for all of so many looks together but for `error`."""
    return -NormalDist().inv_cdf(error / max(looks, 1))
