"""Sums of floats without rounding: whole numbers of the smallest double, so that parts add up in any order."""

import numpy as np

from tasks.columns import Array

_MANTISSA_BITS = 53
_HALF_BITS = 27
_SMALLEST = 1074
"""2 to the minus this is the smallest double: every other is a multiple of it."""
_SPLIT = float((1 << _HALF_BITS) + 1)
UNIT = 1 << _SMALLEST
"""What 1.0 is in these sums."""

ExactSums = list[int]


def exact_sums(values: Array, groups: Array, n_groups: int) -> ExactSums:
    """The sum of finite float64[n] `values` in each group int64[n], in multiples of 2 ** -1074; 0 for empty groups."""
    mantissa, exponent = np.frexp(values)
    whole = (mantissa * (1 << _MANTISSA_BITS)).astype(np.int64)
    shift = np.maximum(exponent.astype(np.int64) - _MANTISSA_BITS + _SMALLEST, 0)
    whole = np.where(exponent - _MANTISSA_BITS + _SMALLEST < 0, _subnormal(values), whole)
    bins, place = np.unique(groups * 4096 + shift, return_inverse=True)  # doubles have some 2100 exponents
    high, low = np.zeros(len(bins), np.int64), np.zeros(len(bins), np.int64)
    np.add.at(high, place, whole >> _HALF_BITS)
    np.add.at(low, place, whole & ((1 << _HALF_BITS) - 1))
    sums = [0] * n_groups
    for key, top, rest in zip(bins.tolist(), high.tolist(), low.tolist(), strict=True):
        sums[key // 4096] += ((top << _HALF_BITS) + rest) << (key % 4096)
    return sums


def _subnormal(values: Array) -> Array:
    """int64[n]: values below 2 ** -1021 in multiples of the smallest double; of others whatever."""
    small = np.where(np.abs(values) < 2.0**-1000, values, 0.0)
    return (small * 2.0**1000 * 2.0**74).astype(np.int64)


def squares(values: Array) -> tuple[Array, Array]:
    """(float64[n], float64[n]) whose sums are the squares, without rounding; magnitudes from 1e-140 to 1e150.

    Source: Dekker, 1971.
    """
    square, scaled = values * values, values * _SPLIT
    high = scaled - (scaled - values)
    low = values - high
    return square, ((high * high - square) + 2 * high * low) + low * low
