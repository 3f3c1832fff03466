"""Which video, group or image a data unit belongs to."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.judging import Array
from tasks.columns import numbers
from tasks.units import sequence_digests


class Sequences(NamedTuple):
    """By unit_key, up to the highest."""

    digest: Array
    """uint64[n]: of the video, group, or image by itself."""
    timed: Array
    """bool[n]: whether the unit is a frame of a video, or audio."""

    def numbered(self, unit_key: Array) -> Array:
        """int64[m]: a number from 0 for the sequence of each unit; those of a sequence mostly stand together."""
        if not len(unit_key):
            return np.empty(0, np.int64)
        digest = self.digest[unit_key]
        heads = np.append(True, digest[1:] != digest[:-1])
        _, number = np.unique(digest[heads], return_inverse=True)
        return number[np.cumsum(heads) - 1]


def sequences_of(units: pa.Table) -> Sequences:
    """The sequences of a `data_units` table."""
    key = numbers(units["unit_key"])
    digest, timed = np.zeros(int(key.max(initial=0)) + 1, np.uint64), np.zeros(int(key.max(initial=0)) + 1, bool)
    digest[key] = sequence_digests(units["sequence_hash"])
    timed[key] = numbers(pc.is_in(units["kind"], pa.array(["video frame", "audio"])))
    return Sequences(digest, timed)
