"""Counts by a group and a number, kept exactly: sums do not depend on how the frames were cut into buckets."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from schemas.judging import Array
from tasks.kernels.answer_tallies import ordered_sums, summed


class Tally(NamedTuple):
    """n pairs of a group and a value, each once, by group and then value."""

    group: Array
    """int64[n], or int32 where that does"""
    value: Array
    """float64[n]"""
    frames: Array
    """int64[2, n], likewise: frames, and those of them that are right, or whose option is annotated."""

    def of(self, groups: int) -> list["Tally"]:
        """The part of each group, 0 to `groups` - 1, with int64 frames, which can be added up."""
        bounds = np.searchsorted(self.group, np.arange(groups + 1)).tolist()
        return [
            Tally(self.group[start:stop], self.value[start:stop], self.frames[:, start:stop].astype(np.int64))
            for start, stop in pairwise(bounds)
        ]


def tally(group: Array, value: Array, frames: Array, right: Array) -> Tally:
    """Sum `frames` int64[n], and those where bool[n] `right`, by group and value, which is 0 or more.

    Nothing in: nothing out.
    """
    bits = (value + 0.0).view(np.int64)  # without negative zeros they ascend as the values do
    return tallied(group, bits, np.stack([frames, frames * right]))


def tallied(group: Array, bits: Array, frames: Array) -> Tally:
    """Sum `frames` int64[2, n] by group and the bits of values, int64[n]."""
    group, bits, sums = summed(group, bits, frames)
    return Tally(_narrow(group), bits.view(np.float64), _narrow(sums))


def _narrow(numbers: Array) -> Array:
    """In half the memory where they fit: those of every bucket wait for each other."""
    return numbers.astype(np.int32) if numbers.max(initial=0) <= np.iinfo(np.int32).max else numbers


def together(tallies: Sequence[Tally]) -> Tally:
    """The sums of several. Work grows with the highest group too."""
    groups = np.arange(max(int(each.group[-1]) + 1 if len(each.group) else 0 for each in tallies) + 1)
    bounds = np.stack([np.searchsorted(each.group, groups) for each in tallies])
    there = np.flatnonzero((bounds[:, 1:] > bounds[:, :-1]).any(axis=0))
    whole = _room(tallies)
    filled = 0
    for group in there.tolist():
        bits, frames = _merged(tallies, bounds[:, group].tolist(), bounds[:, group + 1].tolist())
        rows = slice(filled, filled + len(bits))
        whole.group[rows], whole.value[rows], whole.frames[:, rows] = group, bits.view(np.float64), frames
        filled = rows.stop
    return Tally(whole.group[:filled], whole.value[:filled], whole.frames[:, :filled])


def _room(tallies: Sequence[Tally]) -> Tally:
    """Unfilled, for what several come to at most."""
    rows, most = sum(len(each.group) for each in tallies), sum(int(each.frames[0].sum()) for each in tallies)
    kind = np.int32 if most <= np.iinfo(np.int32).max else np.int64
    return Tally(np.empty(rows, np.int32), np.empty(rows), np.empty((2, rows), kind))


def _merged(tallies: Sequence[Tally], starts: list[int], stops: list[int]) -> tuple[Array, Array]:
    """(bits of values, frames) of one group, which lies at these places."""
    places = [*map(slice, starts, stops)]
    value = [each.value[place] for each, place in zip(tallies, places, strict=True)]
    frames = [each.frames[:, place] for each, place in zip(tallies, places, strict=True)]
    bits = np.concatenate(value).view(np.int64)
    order = np.argsort(bits, kind="stable")  # which takes up the runs that are in order, and merges them
    return ordered_sums(bits, np.concatenate(frames, axis=1, dtype=np.int64), order)


def counted(place: Array, frames: Array, size: int) -> Array:
    """int64[size]: frames by place; exact below 2^53."""
    return np.bincount(place, weights=frames, minlength=size).astype(np.int64)
