"""A bucket's detections as they wait in memory to be looked at again: what follows from the rest is left out."""

from typing import NamedTuple

import numpy as np

from schemas.records import Array, MatchedDetections, MeasureContext
from tasks.units import unit_index

_NARROW = 8
"""Area ranges that fit into a byte of `outside`."""


class PackedDetections(NamedTuple):
    """MatchedDetections in 22 bytes each instead of 41."""

    unit: Array
    """int32[D]"""
    category: Array
    score: Array
    rank: Array
    outside: Array
    """uint8[D], or uint64[D] where there are more ranges."""
    error: Array


def packed(found: MatchedDetections, ranges: int) -> PackedDetections:
    """The detections without what `unpacked` finds again, in so many area ranges."""
    outside = found.outside.astype(np.uint8) if ranges <= _NARROW else found.outside
    return PackedDetections(found.unit.astype(np.int32), found.category, found.score, found.rank, outside, found.error)


def unpacked(packed: PackedDetections, context: MeasureContext) -> MatchedDetections:
    """The detections as they were."""
    units, unit = unit_index(context.units), packed.unit.astype(np.int64)
    order, outside = units.ties(context.rules.tie_order), packed.outside.astype(np.uint64)
    return MatchedDetections(unit, packed.category, packed.score, order.take(unit), packed.rank, outside, packed.error)
