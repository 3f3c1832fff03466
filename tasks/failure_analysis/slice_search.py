"""The stretches of one metric, of a class, or of two metrics, in which a rate falls furthest as far as counts can tell.

All stretches are looked at, from bin to bin. A slice counts where even the upper bound of its rate is below the rate of
all; bounds are Wilson's and hold for all slices looked at together. Slices are taken by the drop that is left then. One
of two conditions must be worse than each of them by itself, and half of a slice must be news.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from schemas.judging import Array
from tasks.failure_analysis.bins import grouped
from tasks.failure_analysis.counts import COUNT, HITS, PAIR_GROUPS, Counts
from tasks.failure_analysis.intervals import bonferroni, wilson
from tasks.failure_analysis.objects import Binning

LEAST_OBJECTS = 30
"""Smaller slices are not looked at."""
_SINGLE_GROUPS = 10
_MOST_TRIED = 2000
NONE = -1


class Candidates(NamedTuple):
    """Slices, C of them; ranges are of bins, inclusive."""

    first: Array
    """int64[C]: dimension; NONE where the slice is a class"""
    first_low: Array
    first_high: Array
    second: Array
    """int64[C]: second dimension; NONE where there is none"""
    second_low: Array
    second_high: Array
    category: Array
    """int64[C]: position of the class; NONE for all"""
    objects: Array
    """int64[C]: objects in it"""
    hits: Array
    """int64[C]: right ones of them"""
    weakest: Array
    """float64[C]: rate of the worse of its two conditions by itself; that of all where there is only one"""

    def taken(self, chosen: Array) -> "Candidates":
        """Some of them, by position or mask."""
        return Candidates(*(column[chosen] for column in self))


class Found(NamedTuple):
    """Slices that fail more than the rest, worst first."""

    slices: Candidates
    drop: Array
    """float64[C]: rate of all less the upper bound of the slice's, which holds for all slices together"""
    upper: Array
    """float64[C]: that bound"""
    looks: int
    """Slices that were looked at."""


def _stretches(groups: int) -> tuple[Array, Array]:
    """(first, last) group of every stretch but the whole."""
    first, last = np.triu_indices(groups)
    part = last - first < groups - 1
    return first[part], last[part]


def _bins_of_groups(bins: int, groups: int) -> tuple[Array, Array]:
    """(first, last) bin of each group."""
    of = grouped(bins, groups)
    first = np.flatnonzero(np.append(True, of[1:] != of[:-1])) if bins else np.empty(0, int)
    return first, np.append(first[1:], bins) - 1 if bins else first


def _rate(hits: Array, count: Array) -> Array:
    return hits / np.maximum(count, 1)


def _made(count: Array, hits: Array, weakest: Array, **given: Array | int) -> Candidates:
    """Candidates with NONE where nothing is said."""
    names = Candidates._fields[:7]
    columns = {name: np.broadcast_to(np.asarray(given.get(name, NONE)), count.shape).ravel() for name in names}
    return Candidates(**columns, objects=count.ravel(), hits=hits.ravel(), weakest=weakest.ravel())


def _classes(totals: Array) -> Candidates:
    """Each class; totals int64[K, 2]."""
    share = np.full(len(totals), _rate(totals[:, HITS].sum(), totals[:, COUNT].sum()))
    return _made(totals[:, COUNT], totals[:, HITS], share, category=np.arange(len(totals)))


def _singles(cells: Array, totals: Array, m: int, bins: int) -> Candidates:
    """Each stretch of a dimension, over all classes and in each; cells int64[K, B + 1, 4]."""
    low, high = _bins_of_groups(bins, _SINGLE_GROUPS)
    first, last = _stretches(len(low))
    every = np.concatenate([cells.sum(axis=0)[None], cells])[:, :bins, :2]
    sums = np.concatenate([np.zeros_like(every[:, :1]), every.cumsum(axis=1)], axis=1)
    inside = sums[:, high[last] + 1] - sums[:, low[first]]
    count, hits = inside[..., COUNT], inside[..., HITS]
    of_all, of_class = _rate(hits[0], count[0]), _rate(totals[:, HITS], totals[:, COUNT])
    weakest = np.concatenate([np.full((1, len(first)), 1.0), np.minimum(of_all, of_class[:, None])])
    category = np.arange(NONE, len(cells))[:, None]
    return _made(
        count, hits, weakest, first=m, first_low=low[first], first_high=high[last], category=category
    )  # fmt: skip


def _pair(table: Array, m: int, o: int, counts: Counts, binning: Binning) -> Candidates | None:
    """Each rectangle of two dimensions; table int64[2, G, G]."""
    sizes = [_bins_of_groups(len(binning.bounds[axis]), PAIR_GROUPS) for axis in (m, o)]
    (a, b), (c, d) = (_stretches(len(low)) for low, _ in sizes)
    if not len(a) or not len(c):
        return None
    sums = np.zeros((2, PAIR_GROUPS + 1, PAIR_GROUPS + 1), np.int64)
    sums[:, 1:, 1:] = table.cumsum(axis=1).cumsum(axis=2)
    rows = sums[:, b + 1] - sums[:, a]
    inside = rows[:, :, d + 1] - rows[:, :, c]
    alone = [_alone(counts, m, a, b), _alone(counts, o, c, d)]
    (low, high), (other_low, other_high) = sizes
    return _made(
        inside[COUNT], inside[HITS], np.minimum(alone[0][:, None], alone[1]),
        first=m, first_low=low[a][:, None], first_high=high[b][:, None],
        second=o, second_low=other_low[c], second_high=other_high[d],
    )  # fmt: skip


def _alone(counts: Counts, m: int, first: Array, last: Array) -> Array:
    """Rate of stretches of one dimension by itself."""
    own = np.arange(m * PAIR_GROUPS, (m + 1) * PAIR_GROUPS)
    sums = np.concatenate([np.zeros((2, 1), np.int64), counts.pairs[:, own, own].cumsum(axis=1)], axis=1)
    return _rate(*(sums[k, last + 1] - sums[k, first] for k in (HITS, COUNT)))


def _every(counts: Counts, binning: Binning, among: Sequence[int]) -> Iterator[Candidates]:
    yield _classes(counts.totals)
    for m in among:
        yield _singles(counts.cells[m], counts.totals, m, len(binning.bounds[m]))
    dimensions = len(binning.bounds)
    blocks = counts.pairs.reshape(2, dimensions, PAIR_GROUPS, dimensions, PAIR_GROUPS)
    for place, m in enumerate(among):
        for o in among[place + 1 :]:
            pair = _pair(blocks[:, m, :, o], m, o, counts, binning)
            if pair is not None:
                yield pair


def overall_rate(counts: Counts) -> float:
    """Share of all objects that are right; 0 where there is none."""
    return float(_rate(counts.totals[:, HITS].sum(), counts.totals[:, COUNT].sum()))


def _large(parts: Iterable[Candidates]) -> Candidates:
    kept = [part.taken(part.objects >= LEAST_OBJECTS) for part in parts]
    return Candidates(*map(np.concatenate, zip(*kept, strict=True)))


def failing_slices(counts: Counts, binning: Binning, among: Sequence[int]) -> Found:
    """Slices by some of the dimensions whose rate is surely below that of all, by falling drop."""
    slices = _large(_every(counts, binning, among))
    looks, overall = len(slices.objects), overall_rate(counts)
    _, upper = wilson(slices.hits, slices.objects, bonferroni(looks))
    _, likely = wilson(slices.hits, slices.objects)
    surely = (upper < overall) & (likely < slices.weakest)
    slices, upper = slices.taken(surely), upper[surely]
    order = np.argsort(upper, kind="stable")[:_MOST_TRIED]
    return Found(slices.taken(order), overall - upper[order], upper[order], looks)


def conditions(slices: Candidates) -> tuple[tuple[Array, Array, Array], ...]:
    """(dimension, first bin, last bin) of the first condition and of the second, int64[C] each."""
    first = (slices.first, slices.first_low, slices.first_high)
    return first, (slices.second, slices.second_low, slices.second_high)


def members(slices: Candidates, k: int, bins: Array, category: Array) -> Array:
    """bool[n]: which objects are in slice k; bins int64[n, M]."""
    inside = np.ones(len(category), bool)
    if slices.category[k] != NONE:
        inside &= category == slices.category[k]
    for dimension, low, high in conditions(slices):
        if dimension[k] != NONE:
            place = bins[:, dimension[k]]
            inside &= (place >= low[k]) & (place <= high[k])
    return inside


def news(found: Found, overall: float, bins: Array, category: Array, hit: Array, most: int) -> Found:
    """At most `most` slices, each of which says something that those before it do not.

    Of a sample (bins int64[n, M], class and outcome of n objects) half of a slice lies in none of those before, and the
    rate of that half is nearer to the rate of the slice than to that of all.
    """
    covered, chosen = np.zeros(len(category), bool), []
    for k in range(len(found.drop)):
        inside = members(found.slices, k, bins, category)
        fresh = inside & ~covered
        halfway = (overall + found.slices.hits[k] / found.slices.objects[k]) / 2
        if not inside.any() or (2 * fresh.sum() >= inside.sum() and hit[fresh].mean() < halfway):
            chosen.append(k)
            covered |= inside
        if len(chosen) == most:
            break
    kept = np.array(chosen, int)
    return Found(found.slices.taken(kept), found.drop[kept], found.upper[kept], found.looks)
