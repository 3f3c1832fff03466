"""Counts by a group and a number, kept exactly: sums do not depend on how the frames were cut into buckets."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from schemas.judging import Array
from tasks.kernels.answer_tallies import merged_sums, summed


class Tally(NamedTuple):
    """n pairs of a group and a value, each once, by group and then value."""

    group: Array
    """int64[n]; of a bucket int32 where that does"""
    value: Array
    """float64[n]"""
    frames: Array
    """int64[2, n], likewise: frames, and those of them that are right, or whose option is annotated."""

    def of(self, groups: int) -> list["Tally"]:
        """The part of each group, 0 to `groups` - 1."""
        bounds = np.searchsorted(self.group, np.arange(groups + 1)).tolist()
        return [
            Tally(self.group[start:stop], self.value[start:stop], self.frames[:, start:stop])
            for start, stop in pairwise(bounds)
        ]


def tally(group: Array, value: Array, frames: Array, right: Array) -> Tally:
    """Sum `frames` int64[n], and those where bool[n] `right`, by group and value, which is 0 or more.

    Nothing in: nothing out.
    """
    bits = (value + 0.0).view(np.int64)  # without negative zeros they ascend as the values do
    group, bits, sums = summed(group, bits, np.stack([frames, frames * right]))
    return Tally(_narrow(group), bits.view(np.float64), _narrow(sums))


def _narrow(numbers: Array) -> Array:
    """In half the memory where they fit: those of every bucket wait for each other."""
    return numbers.astype(np.int32) if numbers.max(initial=0) <= np.iinfo(np.int32).max else numbers


def together(tallies: Sequence[Tally]) -> Tally:
    """The sums of several."""
    heads = [each.group[np.flatnonzero(np.diff(each.group, prepend=-1))] for each in tallies]
    groups = np.unique(np.concatenate(heads)).astype(np.int64)
    starts, stops = (
        np.stack([np.searchsorted(each.group, groups, side) for each in tallies]) for side in ("left", "right")
    )
    parts = [_merged(tallies, *bounds) for bounds in zip(starts.T.tolist(), stops.T.tolist(), strict=True)]
    bits, sums = zip(*parts, strict=True) if parts else ((np.empty(0, np.int64),), (np.empty((2, 0), np.int64),))
    group = np.repeat(groups, [len(part) for part, _ in parts])
    return Tally(group, np.concatenate(bits).view(np.float64), np.concatenate(sums, axis=1))


def _merged(tallies: Sequence[Tally], starts: list[int], stops: list[int]) -> tuple[Array, Array]:
    """(bits of values, frames) of one group, which lies at these places."""
    places = [*map(slice, starts, stops)]
    value = np.concatenate([each.value[place] for each, place in zip(tallies, places, strict=True)])
    frames = [each.frames[:, place] for each, place in zip(tallies, places, strict=True)]
    runs = np.cumsum([0, *np.subtract(stops, starts)])
    return merged_sums(value.view(np.int64), np.concatenate(frames, axis=1, dtype=np.int64), runs)


def counted(place: Array, frames: Array, size: int) -> Array:
    """int64[size]: frames by place; exact below 2^53."""
    return np.bincount(place, weights=frames, minlength=size).astype(np.int64)
