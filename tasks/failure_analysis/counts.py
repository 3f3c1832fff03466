"""How many objects of each class are in each bin, and how many are right: whole = combined parts, to the bit."""

from collections.abc import Iterable
from functools import reduce
from typing import NamedTuple

import numpy as np

from schemas.judging import Array
from tasks.failure_analysis.bins import grouped
from tasks.failure_analysis.objects import Binning, Objects

COUNT, HITS, _HIGH, _LOW = range(4)
_DIGITS = 26
"""Bits of a similarity in each of its two halves: sums of whole numbers do not depend on their order."""
PAIR_GROUPS = 5
"""Stretches of a metric where two are looked at together: a fifth of the objects each."""
_CHUNK = 1 << 14
"""Rows whose memberships are multiplied at once: float32 holds such counts exactly."""


class Counts(NamedTuple):
    """Of one side: M dimensions, K classes, B bins and one for nulls."""

    cells: Array
    """int64[M, K, B + 1, 4]: objects, right ones, and the sum of their similarities in two parts"""
    low: Array
    """float64[M, B + 1]: lowest value in each bin; infinity where it is empty"""
    high: Array
    """float64[M, B + 1]: highest; minus infinity"""
    pairs: Array
    """int64[2, M G, M G]: objects, and right ones, in two groups of bins at once"""
    totals: Array
    """int64[K, 2]: objects, and right ones, of each class"""


def mean_similarity(cells: Array) -> Array:
    """float64[...]: of cells int64[..., 4]; NaN where nothing is right."""
    total = cells[..., _HIGH] / 2.0**_DIGITS + cells[..., _LOW] / 4.0**_DIGITS
    with np.errstate(invalid="ignore"):
        return np.where(cells[..., HITS] > 0, total / cells[..., HITS], np.nan)


def _halves(similarity: Array) -> tuple[Array, Array]:
    """Whole numbers as floats: a similarity in 2^-26, and what is left of it in 2^-52."""
    scaled = similarity * 2.0**_DIGITS
    high = np.floor(scaled)
    return high, np.floor((scaled - high) * 2.0**_DIGITS)


def _cells(objects: Objects, bins: Array, width: int, categories: int) -> Array:
    size = categories * (width + 1)
    hit = objects.hit
    halves = _halves(objects.similarity[hit])
    cells = np.empty((bins.shape[1], size, 4), np.int64)
    for m in range(bins.shape[1]):
        place = objects.category * (width + 1) + bins[:, m]
        right = place[hit]
        cells[m, :, COUNT] = np.bincount(place, minlength=size)
        cells[m, :, HITS] = np.bincount(right, minlength=size)
        for part, half in zip((_HIGH, _LOW), halves, strict=True):
            cells[m, :, part] = np.bincount(right, half, minlength=size)
    return cells.reshape(-1, categories, width + 1, 4)


def _extremes(values: Array, bins: Array, width: int) -> tuple[Array, Array]:
    low = np.full((bins.shape[1], width + 1), np.inf)
    high = -low
    for m in range(bins.shape[1]):
        given = bins[:, m] < width
        np.minimum.at(low[m], bins[given, m], values[given, m])
        np.maximum.at(high[m], bins[given, m], values[given, m])
    return low, high


def pair_groups(binning: Binning) -> Array:
    """int64[M, B + 1]: group of each bin where two metrics are looked at together; -1 for nulls."""
    groups = np.full((len(binning.bounds), binning.width + 1), -1)
    for m, bounds in enumerate(binning.bounds):
        groups[m, : len(bounds)] = grouped(len(bounds), PAIR_GROUPS)
    return groups


def _pairs(hit: Array, bins: Array, groups: Array) -> Array:
    """Counts of objects in two groups at once, as products of the matrices that say who is in which."""
    dimensions = bins.shape[1]
    totals = np.zeros((2, dimensions * PAIR_GROUPS, dimensions * PAIR_GROUPS))
    for start in range(0, len(bins), _CHUNK):
        own = groups[np.arange(dimensions), bins[start : start + _CHUNK]]
        member = (own[:, :, None] == np.arange(PAIR_GROUPS)).reshape(len(own), -1).astype(np.float32)
        right = member[hit[start : start + _CHUNK]]
        totals += np.stack([member.T @ member, right.T @ right])
    return totals.astype(np.int64)


def count(objects: Objects, binning: Binning, categories: int) -> Counts:
    """The counts of a bucket."""
    bins = binning.of(objects.values)
    cells = _cells(objects, bins, binning.width, categories)
    pairs = _pairs(objects.hit, bins, pair_groups(binning))
    of_class = [
        np.bincount(column, minlength=categories) for column in (objects.category, objects.category[objects.hit])
    ]
    return Counts(cells, *_extremes(objects.values, bins, binning.width), pairs, np.stack(of_class, axis=1))


def combine(parts: Iterable[Counts]) -> Counts:
    """Of all buckets, one at least; a few are held at once."""
    return reduce(_add, parts)


def _add(one: Counts, other: Counts) -> Counts:
    low, high = np.minimum(one.low, other.low), np.maximum(one.high, other.high)
    return Counts(one.cells + other.cells, low, high, one.pairs + other.pairs, one.totals + other.totals)
