"""Which video, group or image a data unit belongs to."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.judging import Array
from tasks.columns import numbers, one_chunk


class Sequences(NamedTuple):
    """By unit_key, up to the highest."""

    number: Array
    """int64[n]: a number for each video, group, or image by itself."""
    timed: Array
    """bool[n]: whether the unit is a frame of a video, or audio."""


def sequences_of(units: pa.Table) -> Sequences:
    """The sequences of a `data_units` table."""
    key = numbers(units["unit_key"])
    names = one_chunk(units["sequence_hash"]).cast(pa.string()).dictionary_encode().indices
    number, timed = np.zeros(int(key.max(initial=0)) + 1, np.int64), np.zeros(int(key.max(initial=0)) + 1, bool)
    number[key] = numbers(names, missing=0)
    timed[key] = numbers(pc.is_in(units["kind"], pa.array(["video frame", "audio"])))
    return Sequences(number, timed)
