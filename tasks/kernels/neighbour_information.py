"""Mutual information of two columns by their nearest neighbours, in the arithmetic of scikit-learn's estimator."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Float64, Int64
from tasks.kernels.compile import kernel


class Axis(NamedTuple):
    """A column in ascending order."""

    values: Float64
    first: Int64
    """int64[n]: where the clump of each value begins: values that were equal before noise was added."""
    last: Int64
    """int64[n]: where it ends, inclusive."""


class Strata(NamedTuple):
    """The second column cut into stretches, within which points are searched along the first."""

    starts: Int64
    """int64[S + 1]"""
    of: Int64
    """int64[n]: stretch of each value."""


@kernel
def _keep(near: Float64, distance: float) -> None:
    """Enter a distance among the three least, ascending."""
    if distance < near[1]:
        near[2] = near[1]
        if distance < near[0]:
            near[1], near[0] = near[0], distance
        else:
            near[1] = distance
    elif distance < near[2]:
        near[2] = distance


@kernel
def _walk(
    along: Float64, across: Float64, below: int, above: int, low: int, high: int, x: float, y: float, near: Float64
) -> None:
    """Go from `below` down to `low` and from `above` up to `high`, exclusive, until no point can be nearer."""
    left, right = below, above
    while left >= low or right < high:
        if left >= low:
            if x - along[left] < near[2]:
                _keep(near, max(x - along[left], abs(y - across[left])))
                left -= 1
            else:
                left = low - 1
        if right < high:
            if along[right] - x < near[2]:
                _keep(near, max(along[right] - x, abs(y - across[right])))
                right += 1
            else:
                right = high


@kernel
def _lowest(values: Float64, start: int, value: float, radius: float) -> int:
    """The lowest position whose value is within the radius below `value`; `start` is one that is."""
    low, step = start, 1
    while low - step >= 0 and value - values[low - step] <= radius:
        low -= step
        step *= 2
    while step > 0:
        if low - step >= 0 and value - values[low - step] <= radius:
            low -= step
        else:
            step //= 2
    return low


@kernel
def _highest(values: Float64, start: int, value: float, radius: float) -> int:
    """The highest position whose value is within the radius above `value`."""
    high, step = start, 1
    while high + step < len(values) and values[high + step] - value <= radius:
        high += step
        step *= 2
    while step > 0:
        if high + step < len(values) and values[high + step] - value <= radius:
            high += step
        else:
            step //= 2
    return high


@kernel
def _within(axis: Axis, at: int, radius: float) -> int:
    """How many other values are within the radius; whole clumps are passed over at once."""
    values, value = axis.values, axis.values[at]
    low = axis.first[at] if value - values[axis.first[at]] <= radius else at
    high = axis.last[at] if values[axis.last[at]] - value <= radius else at
    return _highest(values, high, value, radius) - _lowest(values, low, value, radius)


@kernel
def _search(
    x: float, y: float, stratum: int, place: int, along: Float64, across: Float64, ys: Float64, starts: Int64,
    near: Float64,
) -> None:  # fmt: skip
    """The three least distances of a point to any other: of its own stratum first, then of those above and below."""
    near[:] = np.inf
    _walk(along, across, place - 1, place + 1, starts[stratum], starts[stratum + 1], x, y, near)
    for other in range(stratum - 1, -1, -1):
        if y - ys[starts[other + 1] - 1] >= near[2]:
            break
        middle = starts[other] + np.searchsorted(along[starts[other] : starts[other + 1]], x)
        _walk(along, across, middle - 1, middle, starts[other], starts[other + 1], x, y, near)
    for other in range(stratum + 1, len(starts) - 1):
        if ys[starts[other]] - y >= near[2]:
            break
        middle = starts[other] + np.searchsorted(along[starts[other] : starts[other + 1]], x)
        _walk(along, across, middle - 1, middle, starts[other], starts[other + 1], x, y, near)


@kernel
def _information(xs: Axis, ys: Axis, partner: Int64, strata: Strata, psi: Float64) -> float:
    starts, n = strata.starts, len(partner)
    along, across, at = np.empty(n), np.empty(n), np.empty(n, np.int64)
    fill = starts[:-1].copy()
    for i in range(n):
        place = fill[strata.of[partner[i]]]
        fill[strata.of[partner[i]]] += 1
        along[place], across[place], at[place] = xs.values[i], ys.values[partner[i]], i
    near, total = np.empty(3), 0.0
    for stratum in range(len(starts) - 1):
        for place in range(starts[stratum], starts[stratum + 1]):
            _search(along[place], across[place], stratum, place, along, across, ys.values, starts, near)
            radius = np.nextafter(near[2], 0.0)
            i = at[place]
            total += psi[_within(xs, i, radius) + 1] + psi[_within(ys, partner[i], radius) + 1]
    return psi[n] + psi[3] - total / n


@kernel
def neighbour_information(xs: Axis, ys: Axis, partners: Int64, strata: Strata, psi: Float64) -> Float64:
    """float64[P], nats, may be below 0: for each pairing int64[P, n] of places in `xs` with places in `ys`.

    Three neighbours by the larger of both distances; n of 4 at least. `psi` float64[n + 1]: digamma of whole numbers.
    Kraskov, Stögbauer and Grassberger, Phys. Rev. E 69, 066138 (2004), first estimator.
    """
    found = np.empty(len(partners))
    for p in range(len(partners)):
        found[p] = _information(xs, ys, partners[p], strata, psi)
    return found
