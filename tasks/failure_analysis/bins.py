"""Quantile bins of a column: equal values are never split, null has a bin of its own."""

import numpy as np

from schemas.judging import Array


def quantile_bins(values: Array, bins: int) -> Array:
    """float64[B], B <= `bins`: highest value of each bin, ascending; none where there is no value.

    `values` float64[n], NaN for null. A value is in the first bin whose bound is not below it, so that ties stay
    together. At most `bins` distinct values have a bin each; otherwise bins hold n / `bins` values, more where ties
    are, and there are fewer.
    """
    ordered = np.sort(values[~np.isnan(values)])
    if not len(ordered):
        return ordered
    first = np.append(True, ordered[1:] != ordered[:-1])
    if first.sum() <= bins:
        return ordered[first]
    last = -(-np.arange(1, bins + 1) * len(ordered) // bins) - 1
    return np.unique(ordered[last])


def bin_of(values: Array, bounds: Array, null: int) -> Array:
    """int64[n]: bin of each value, those above all bounds in the last; `null` for NaN."""
    return np.where(np.isnan(values), null, np.searchsorted(bounds[:-1], values, side="left"))


def grouped(bins: int, groups: int) -> Array:
    """int64[bins]: neighbouring bins put together into at most `groups` groups of about as many bins each."""
    return np.arange(bins) * min(groups, bins) // max(bins, 1)
