"""Counts by a group and a number, kept exactly: sums do not depend on how the frames were cut into buckets."""

from collections.abc import Sequence
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

    def of(self, group: int) -> "Tally":
        """The part of a group."""
        rows = slice(*np.searchsorted(self.group, (group, group + 1)).tolist())
        return Tally(self.group[rows], self.value[rows], self.frames[:, rows])


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


def together(tallies: Sequence[Tally], group: int) -> Tally:
    """The sums of several of one group, with int64 frames, which can be added up."""
    parts = [each.of(group) for each in tallies]
    bits = np.concatenate([part.value for part in parts]).view(np.int64)
    order = np.argsort(bits, kind="stable")  # which takes up the runs that are in order, and merges them
    frames = np.concatenate([part.frames for part in parts], axis=1, dtype=np.int64)
    bits, frames = ordered_sums(bits, frames, order)
    return Tally(np.full(len(bits), group), bits.view(np.float64), frames)


def counted(place: Array, frames: Array, size: int) -> Array:
    """int64[size]: frames by place; exact below 2^53."""
    return np.bincount(place, weights=frames, minlength=size).astype(np.int64)
