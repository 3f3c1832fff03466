"""What matched rows hang on: pieces of a bucket that are matched by themselves, and how its rows ascend.

Rows of pieces that did not change are carried over from an earlier evaluation, and stand among those of the others
where a run over all of them would have put them.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.records import Array
from tasks.columns import numbers
from tasks.matchable import Bucket, bucket_of
from tasks.units import UnitIndex, sequence_digests, unit_index


class Ground(NamedTuple):
    """The units of a bucket, as rows of its tables name them."""

    units: UnitIndex
    bucket: Bucket
    unit_key: Array
    """int64[U]: of the live units, in the order by which ties between them fall."""
    sequence: Array
    """uint64[U]: digests of the sequences they belong to."""

    @property
    def sequence_of(self) -> Array:
        """uint64[highest unit_key + 1]: the same by unit_key, of every unit of the project."""
        by_key = np.zeros(len(self.bucket.local), np.uint64)
        by_key[self.units.unit_key] = self.units.sequence
        return by_key


def ground_of(units: pa.Table, bucket: int, buckets: int, tie_order: str) -> Ground:
    """The live units of a bucket of a `data_units` table."""
    index = unit_index(units)
    inside = bucket_of(index, bucket, buckets, tie_order)
    return Ground(index, inside, index.unit_key[inside.positions], index.sequence[inside.positions])


class Pieces(NamedTuple):
    """How an engine's rows are cut, and arranged."""

    of_row: Callable[[pa.Table, Ground], Array]
    """-> int64 or uint64[n]: the piece of each row: a unit_key, or the digest of a sequence."""
    order: Callable[[pa.Table, Ground], tuple[Array, ...]]
    """-> keys by which a bucket's rows ascend, the last counts first; of equal ones all are of one piece."""
    sequences: bool = False
    """Pieces are sequences: a row may depend on every unit of one."""


def _unit(rows: pa.Table, ground: Ground) -> Array:
    return numbers(rows["unit_key"])


def _place(rows: pa.Table, ground: Ground) -> tuple[Array, ...]:
    return (ground.bucket.local[numbers(rows["unit_key"])],)


def _key(rows: pa.Table, ground: Ground) -> tuple[Array, ...]:
    return (numbers(rows["unit_key"]),)


def _sequence(rows: pa.Table, ground: Ground) -> Array:
    return ground.sequence_of[numbers(rows["unit_key"])]


def _named_sequence(rows: pa.Table, ground: Ground) -> Array:
    return sequence_digests(rows["sequence_hash"])


def _in_blocks(rows: pa.Table, ground: Ground) -> tuple[Array, ...]:
    """Ways of matching in their order, each over all sequences."""
    names = rows["matching"].to_pylist()
    ways = {name: k for k, name in enumerate(MATCHINGS)}
    way = np.array([ways[name] for name in names], np.int64)
    return _named_sequence(rows, ground), numbers(rows["threshold"]), way


MATCHINGS = ("hota", "clear", "identity")
"""Ways of matching tracks, in the order of their rows."""

UNITS = Pieces(_unit, _place)
"""Units, in the order by which ties between them fall."""
UNITS_BY_KEY = Pieces(_unit, _key)
SEQUENCES = Pieces(_sequence, lambda rows, ground: (_sequence(rows, ground),), sequences=True)
"""Sequences by their digest; rows name a unit of theirs."""
TRACKS = Pieces(_named_sequence, _in_blocks, sequences=True)
"""Rows name the sequence itself, once for every way of matching and threshold."""
