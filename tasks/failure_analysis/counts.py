"""How many objects of each class are in each bin, and how many are right: whole = combined parts, to the bit."""

from collections.abc import Iterable
from functools import reduce
from typing import NamedTuple

import numpy as np

from schemas.judging import Array
from tasks.failure_analysis.bins import grouped
from tasks.failure_analysis.objects import Binning, Objects
from tasks.kernels.bin_counts import bin_extremes, pair_counts

COUNT, HITS, _HIGH, _LOW = range(4)
_DIGITS = 26
"""Bits of a similarity in each of its two halves: sums of whole numbers do not depend on their order."""
PAIR_GROUPS = 5
"""Stretches of a metric where two are looked at together: a fifth of the objects each."""


class Counts(NamedTuple):
    """Of one side: M dimensions, K classes, B bins and one for nulls."""

    cells: Array
    """int64[M, K, B + 1, 4]: objects, right ones, and the sum of their similarities in two parts"""
    low: Array
    """float64[M, B + 1]: lowest value in each bin; infinity where it is empty"""
    high: Array
    """float64[M, B + 1]: highest; minus infinity"""
    pairs: Array
    """int64[2, M G, M G]: objects, and right ones, in two groups of bins at once; of two dimensions the first first"""
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


def pair_groups(binning: Binning) -> Array:
    """int8[M, B + 1]: group of each bin where two metrics are looked at together; -1 for nulls."""
    groups = np.full((len(binning.bounds), binning.width + 1), -1, np.int8)
    for m, bounds in enumerate(binning.bounds):
        groups[m, : len(bounds)] = grouped(len(bounds), PAIR_GROUPS)
    return groups


def count(objects: Objects, binning: Binning, categories: int) -> Counts:
    """The counts of a bucket."""
    bins = binning.of(objects.values)
    cells = _cells(objects, bins, binning.width, categories)
    groups = pair_groups(binning)[np.arange(bins.shape[1]), bins]
    pairs = pair_counts(groups, objects.hit, PAIR_GROUPS)
    low, high = bin_extremes(np.ascontiguousarray(objects.values), bins, binning.width)
    of_class = [
        np.bincount(column, minlength=categories) for column in (objects.category, objects.category[objects.hit])
    ]
    return Counts(cells, low, high, pairs, np.stack(of_class, axis=1))


def combine(parts: Iterable[Counts]) -> Counts:
    """Of all buckets, one at least; a few are held at once."""
    return reduce(_add, parts)


def _add(one: Counts, other: Counts) -> Counts:
    low, high = np.minimum(one.low, other.low), np.maximum(one.high, other.high)
    return Counts(one.cells + other.cells, low, high, one.pairs + other.pairs, one.totals + other.totals)
