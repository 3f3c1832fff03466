"""Counts by a group and a number, kept exactly: sums do not depend on how the frames were cut into buckets."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from schemas.judging import Array
from tasks.kernels.answer_tallies import ordered_sums, summed


class Tally(NamedTuple):
    """n pairs of a group and a value, each once, by group and then value."""

    bounds: Array
    """int64[G + 1]: the pairs of group g are bounds[g]:bounds[g + 1]; later groups have none."""
    value: Array
    """float64[n]"""
    frames: Array
    """int64[2, n], or what of unsigned ones suffices: frames, and those of them that are right, or whose option is
    annotated."""

    def of(self, group: int) -> "Tally":
        """The part of a group."""
        start, stop = self.bounds[np.minimum((group, group + 1), len(self.bounds) - 1)].tolist()
        return Tally(np.array([0, stop - start]), self.value[start:stop], self.frames[:, start:stop])


def tally(group: Array, value: Array, frames: Array, right: Array) -> Tally:
    """Sum `frames` int64[n], and those where bool[n] `right`, by group and value, which is 0 or more.

    Nothing in: nothing out.
    """
    bits = (value + 0.0).view(np.int64)  # without negative zeros they ascend as the values do
    return tallied(group, bits, np.stack([frames, frames * right]))


def tallied(group: Array, bits: Array, frames: Array) -> Tally:
    """Sum `frames` int64[2, n] by group and the bits of values, int64[n]."""
    group, bits, sums = summed(group, bits, frames)
    bounds = np.searchsorted(group, np.arange(int(group.max(initial=-1)) + 2))
    return Tally(bounds, bits.view(np.float64), _narrow(sums))


def _narrow(numbers: Array) -> Array:
    """In as little memory as they fit into: those of every bucket wait for each other, in pages that are new."""
    return numbers.astype(np.min_scalar_type(numbers.max(initial=0)))


def together(tallies: Sequence[Tally], group: int) -> Tally:
    """The sums of several of one group, which is the first of what comes, with int64 frames, which can be added up."""
    parts = [each.of(group) for each in tallies]
    bits = np.concatenate([part.value for part in parts]).view(np.int64)
    order = np.argsort(bits, kind="stable")  # which takes up the runs that are in order, and merges them
    frames = np.concatenate([part.frames for part in parts], axis=1, dtype=np.int64)
    bits, frames = ordered_sums(bits, frames, order)
    return Tally(np.array([0, len(bits)]), bits.view(np.float64), frames)


def counted(place: Array, frames: Array, size: int) -> Array:
    """int64[size]: frames by place; exact below 2^53."""
    return np.bincount(place, weights=frames, minlength=size).astype(np.int64)
