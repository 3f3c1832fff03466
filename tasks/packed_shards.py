"""A bucket's matches as they wait in memory to be measured: what follows from the rest is left out."""

from typing import Any, NamedTuple

import numpy as np

from schemas.records import Array, MatchedDetections, MatchedShard, MeasureContext
from tasks.units import unit_index

_NARROW = 8
"""Area ranges that fit into a byte of `outside`."""


class Outcomes(NamedTuple):
    """A bool array, eight to a byte."""

    shape: tuple[int, ...]
    bits: Array

    @classmethod
    def of(cls, array: Array) -> "Outcomes":
        """The array, packed."""
        return cls(array.shape, np.packbits(array))

    def array(self) -> Array:
        """The array as it was."""
        return np.unpackbits(self.bits, count=int(np.prod(self.shape))).reshape(self.shape).view(np.bool_)


class PackedShard(NamedTuple):
    """A MatchedShard in 22 bytes a detection instead of 49, and an eighth of what is said at every threshold."""

    unit: Array
    """int32[D]"""
    category: Array
    score: Array
    rank: Array
    outside: Array
    """uint8[D], or uint64[D] where there are more ranges."""
    error: Array
    similarity: Array
    """float64[E]: of the events alone; no other detection has one."""
    outcomes: dict[str, Outcomes]
    """Fields of so many bits for each event or annotation."""
    rest: dict[str, Any]
    """The other fields, as they are."""


_OUTCOMES = ("event_tp", "event_counted", "truth_found")
_REST = tuple(name for name in MatchedShard._fields if name not in ("detections", "similarity", *_OUTCOMES))


def packed(shard: MatchedShard) -> PackedShard:
    """The shard without what `unpacked` finds again."""
    found = shard.detections
    narrow = shard.truth_counted.shape[1] <= _NARROW
    return PackedShard(
        found.unit.astype(np.int32),
        found.category,
        found.score,
        found.rank,
        found.outside.astype(np.uint8) if narrow else found.outside,
        found.error,
        shard.similarity[shard.event],
        {name: Outcomes.of(getattr(shard, name)) for name in _OUTCOMES},
        {name: getattr(shard, name) for name in _REST},
    )


def detections_of(shard: PackedShard, context: MeasureContext) -> MatchedDetections:
    """The detections as they were."""
    units, unit = unit_index(context.units), shard.unit.astype(np.int64)
    order = units.ties(context.rules.tie_order)
    outside = shard.outside.astype(np.uint64)
    return MatchedDetections(unit, shard.category, shard.score, order[unit], shard.rank, outside, shard.error)


def unpacked(shard: PackedShard, context: MeasureContext) -> MatchedShard:
    """The shard as it was."""
    similarity = np.full(len(shard.unit), np.nan)
    similarity[shard.rest["event"]] = shard.similarity
    rest = shard.rest | {name: packed.array() for name, packed in shard.outcomes.items()}
    return MatchedShard(detections=detections_of(shard, context), similarity=similarity, **rest)
