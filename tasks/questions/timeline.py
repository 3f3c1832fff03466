"""Where a bucket's data units lie in their sequences, so that ranges of frames can be compared."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.judging import Array
from tasks.columns import numbers
from tasks.matchable import Bucket
from tasks.units import UnitIndex


class Spans(NamedTuple):
    """n ranges of frames of sequences, int64[n] each; `last` is inclusive."""

    sequence: Array
    first: Array
    last: Array


class Timeline(NamedTuple):
    """U units of a bucket, by their place in it, and S sequences."""

    sequence: Array
    """int64[U]"""
    frame: Array
    """int64[U]"""
    timed: Array
    """bool[U]: audio, whose answers count milliseconds, and which has no frames."""
    end: Array
    """int64[S]: last frame of each sequence; of audio the largest number there is."""
    unit_key: Array
    """int64[U], by sequence and frame."""
    code: Array
    """int64[U], ascending: sequence and frame of each in one number."""

    def keys_at(self, sequence: Array, frame: Array) -> Array:
        """unit_key of the unit that a frame of a sequence is, or is in."""
        if not len(sequence):
            return np.empty(0, np.int64)
        return self.unit_key[np.searchsorted(self.code, _code(sequence, frame), side="right") - 1]


_LONGEST = (1 << 31) - 1


def _code(sequence: Array, frame: Array) -> Array:
    return (sequence << 31) + frame


def timeline(units: pa.Table, index: UnitIndex, bucket: Bucket) -> Timeline:
    """The live units of a bucket."""
    at = bucket.positions
    names, sequence = np.unique(index.sequence[at], return_inverse=True)
    frame, kinds = index.frame[at], units["kind"].take(pa.array(at))
    timed = numbers(pc.fill_null(pc.equal(kinds, "audio"), False))
    end = np.zeros(len(names), np.int64)
    np.maximum.at(end, sequence, np.where(timed, _LONGEST, frame))
    code = _code(sequence.astype(np.int64), frame)
    order = np.argsort(code)
    return Timeline(sequence.astype(np.int64), frame, timed, end, index.unit_key[at][order], code[order])
