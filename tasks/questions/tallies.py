"""Counts by a group and a number, kept exactly: sums do not depend on how the frames were cut into buckets."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from schemas.judging import Array
from tasks.kernels.answer_tallies import summed
from tasks.questions.spans import IN_NO_ORDER


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


def tally(group: Array, value: Array, frames: Array, right: Array) -> Tally:
    """Sum `frames` int64[n], and those where bool[n] `right`, by group and value, which is 0 or more.

    Nothing in: nothing out.
    """
    return _tally(_keys(group, value + 0.0), np.stack([frames, frames * right]), IN_NO_ORDER)  # no negative zeros


def _keys(group: Array, value: Array) -> Array:
    """int64[2, n]: of floats that are not below 0, the bits ascend as they do."""
    return np.stack([group, value.view(np.int64)])


def _tally(keys: Array, frames: Array, runs: Array) -> Tally:
    keys, sums = summed(keys, frames, runs)
    return Tally(keys[0], keys[1].view(np.float64), sums)


def together(tallies: Sequence[Tally]) -> Tally:
    """The sums of several."""
    keys = np.concatenate([_keys(each.group, each.value) for each in tallies], axis=1)
    runs = np.cumsum([0, *(len(each.group) for each in tallies)])
    return _tally(keys, np.concatenate([each.frames for each in tallies], axis=1), runs)


def counted(place: Array, frames: Array, size: int) -> Array:
    """int64[size]: frames by place; exact below 2^53."""
    return np.bincount(place, weights=frames, minlength=size).astype(np.int64)
