"""Counts by a group and a number, kept exactly: sums do not depend on how the frames were cut into buckets."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from schemas.judging import Array
from tasks.kernels.answer_tallies import summed


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
    found = _tally(group, value + 0.0, np.stack([frames, frames * right]))  # no negative zeros
    return Tally(_narrow(found.group), found.value, _narrow(found.frames))


def _tally(group: Array, value: Array, frames: Array) -> Tally:
    """Of floats that are not below 0, the bits ascend as they do."""
    group, bits, sums = summed(group, value.view(np.int64), frames)
    return Tally(group, bits.view(np.float64), sums)


def _narrow(numbers: Array) -> Array:
    """In half the memory where they fit: those of every bucket wait for each other."""
    return numbers.astype(np.int32) if numbers.max(initial=0) <= np.iinfo(np.int32).max else numbers


def together(tallies: Sequence[Tally]) -> Tally:
    """The sums of several."""
    group, value, frames = zip(*tallies, strict=True)
    whole = np.int64
    return _tally(
        np.concatenate(group, dtype=whole), np.concatenate(value), np.concatenate(frames, axis=1, dtype=whole)
    )


def counted(place: Array, frames: Array, size: int) -> Array:
    """int64[size]: frames by place; exact below 2^53."""
    return np.bincount(place, weights=frames, minlength=size).astype(np.int64)
