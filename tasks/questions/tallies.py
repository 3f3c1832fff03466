"""Counts by a group and a number, kept exactly: sums do not depend on how the frames were cut into buckets."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from schemas.judging import Array


class Tally(NamedTuple):
    """n pairs of a group and a value, each once, by group and then value."""

    group: Array
    """int64[n]"""
    value: Array
    """float64[n]"""
    frames: Array
    """int64[2, n]: frames, and those of them that are right, or whose option is annotated."""

    def of(self, groups: int) -> list["Tally"]:
        """The part of each group, 0 to `groups` - 1."""
        bounds = np.searchsorted(self.group, np.arange(groups + 1)).tolist()
        return [
            Tally(self.group[start:stop], self.value[start:stop], self.frames[:, start:stop])
            for start, stop in pairwise(bounds)
        ]


_NARROW = np.iinfo(np.int16).max


def tally(group: Array, value: Array, frames: Array, right: Array) -> Tally:
    """Sum `frames` int64[n], and those where bool[n] `right`, by group and value. Nothing in: nothing out."""
    return _summed(group, value, np.stack([frames, frames * right]))


def _summed(group: Array, value: Array, frames: Array) -> Tally:
    narrow = group.astype(np.int16) if group.max(initial=0) <= _NARROW else group  # 16 bits are sorted in one pass
    order = np.argsort(value)
    order = order[np.argsort(narrow[order], kind="stable")]
    group, value, frames = group[order], value[order], frames[:, order]
    new = np.ones(len(order), bool)
    new[1:] = (group[1:] != group[:-1]) | (value[1:] != value[:-1])
    heads = np.flatnonzero(new)
    return Tally(group[heads], value[heads], np.add.reduceat(frames, heads, axis=1) if len(heads) else frames)


def together(tallies: Sequence[Tally]) -> Tally:
    """The sums of several."""
    group, value, frames = zip(*tallies, strict=True)
    return _summed(np.concatenate(group), np.concatenate(value), np.concatenate(frames, axis=1))


def counted(place: Array, frames: Array, size: int) -> Array:
    """int64[size]: frames by place; exact below 2^53."""
    return np.bincount(place, weights=frames, minlength=size).astype(np.int64)
