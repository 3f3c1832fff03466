"""Predictions and annotations of a bucket that count under a protocol, with what they are like."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from schemas.judging import Array
from tasks.failure_analysis.bins import bin_of


class Dimension(NamedTuple):
    """Something by which failure may differ."""

    of: str
    """What has the metric: prediction, annotation or unit."""
    metric: str


class Objects(NamedTuple):
    """One side of a bucket: n predictions, or n annotations."""

    key: Array
    """int64[n]: prediction_key or annotation_key"""
    unit: Array
    """int64[n]: unit_key"""
    category: Array
    """int64[n]: position of the class"""
    hit: Array
    """bool[n]: true positive, or found"""
    similarity: Array
    """float64[n]: of the match; 0 where there is none"""
    values: Array
    """float64[n, M]: of each dimension; NaN is null"""

    def rows(self, chosen: Array) -> "Objects":
        """Some of them, by position."""
        return Objects(*(column[chosen] for column in self))


def joined(parts: Sequence[Objects]) -> Objects:
    """All of several; at least one."""
    return parts[0] if len(parts) == 1 else Objects(*map(np.concatenate, zip(*parts, strict=True)))


class Binning(NamedTuple):
    """How the values of a side's dimensions are put into bins."""

    bounds: tuple[Array, ...]
    """Of each dimension the highest value of each bin."""

    @property
    def width(self) -> int:
        """Bins of the dimension that has most; nulls are in the bin of this number."""
        return max(map(len, self.bounds), default=0)

    def of(self, values: Array) -> Array:
        """int64[n, M]: bins of values float64[n, M]."""
        columns = [bin_of(values[:, m], bounds, self.width) for m, bounds in enumerate(self.bounds)]
        return np.stack(columns, axis=1) if columns else np.empty((len(values), 0), np.int64)
