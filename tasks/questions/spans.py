"""Ranges of frames of many groups laid over one another."""

from typing import NamedTuple

import numpy as np

from schemas.judging import Array
from tasks.kernels.row_order import ascending

IN_NO_ORDER = np.empty(0, np.int64)
"""What `ascending` is told where no runs are known to be in order."""


class Ranges(NamedTuple):
    """n ranges of frames, each of a group; int64[n], `last` is inclusive, frames are not below 0."""

    group: Array
    first: Array
    last: Array

    def take(self, rows: Array) -> "Ranges":
        """The ranges at `rows`, or for which bool[n] is set."""
        return Ranges(*(column[rows] for column in self))

    def order(self) -> Array:
        """int64[n]: places by group, then first frame."""
        return by_two(self.group, self.first)


class Shared(NamedTuple):
    """N pairs of ranges that have frames in common."""

    left: Array
    """int64[N], ascending: places on the left side."""
    right: Array
    first: Array
    """int64[N]: of the frames in common."""
    last: Array


def by_two(major: Array, minor: Array) -> Array:
    """int64[n]: places by two columns of integers from 0, ascending, equal ones as they were."""
    width = int(minor.max(initial=0)) + 1
    fits = int(major.max(initial=0)) < (1 << 62) // width
    keys = (major * width + minor)[None] if fits else np.stack([major, minor])
    return ascending(keys, IN_NO_ORDER).astype(np.int64)


def shared_frames(left: Ranges, right: Ranges) -> Shared:
    """All pairs of a left and a right range of one group with frames in common; right ranges of a group share none.

    Pairs of one left range come in the order of their frames. Nothing on a side: no pairs.
    """
    order = right.order()
    ordered = right.take(order)
    codes = np.unique(np.concatenate([left.group, right.group]), return_inverse=True)[1]
    ours, theirs = codes[: len(left.group)], codes[len(left.group) :][order]
    width = int(max(left.last.max(initial=0), right.last.max(initial=0))) + 1
    begin = np.searchsorted(theirs * width + ordered.last, ours * width + left.first)
    end = np.searchsorted(theirs * width + ordered.first, ours * width + left.last, side="right")
    counts = np.maximum(end - begin, 0)
    row = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts) + begin[row]
    first = np.maximum(left.first[row], ordered.first[place])
    return Shared(row, order[place], first, np.minimum(left.last[row], ordered.last[place]))


def joined(ranges: Ranges) -> tuple[Ranges, Array]:
    """(ranges that touch made one, int64[n]: which each of the n became part of).

    In the order of group and first frame. None: none.
    """
    order = ranges.order()
    ordered = ranges.take(order)
    if not len(order):
        return ordered, order
    reach = _reach(ordered)
    begins = np.ones(len(order), bool)
    begins[1:] = (ordered.group[1:] != ordered.group[:-1]) | (ordered.first[1:] > reach[:-1] + 1)
    heads = np.flatnonzero(begins)
    ends = np.append(heads[1:], len(order)) - 1
    part = np.empty(len(order), np.int64)
    part[order] = np.cumsum(begins) - 1
    return Ranges(ordered.group[heads], ordered.first[heads], reach[ends]), part


def _reach(ordered: Ranges) -> Array:
    """int64[n]: the last frame that any range of the group up to each reaches."""
    code = np.unique(ordered.group, return_inverse=True)[1].astype(np.int64)
    width = int(ordered.last.max()) + 1
    return np.maximum.accumulate(code * width + ordered.last) - code * width
