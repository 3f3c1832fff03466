"""Which video, group or image a data unit belongs to."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.judging import Array
from tasks.columns import numbers, one_chunk


def sequence_of(unit_key: Array, units: pa.Table) -> Array:
    """int64[n]: a number for the sequence of each unit; images by themselves are one each."""
    return _by_key(one_chunk(units["sequence_hash"]).cast(pa.string()).dictionary_encode().indices, units)[unit_key]


def runs_in_time(unit_key: Array, units: pa.Table) -> Array:
    """bool[n]: whether each unit is a frame of a video, or audio."""
    return _by_key(pc.is_in(units["kind"], pa.array(["video frame", "audio"])), units)[unit_key]


def _by_key(values: pa.Array | pa.ChunkedArray, units: pa.Table) -> Array:
    keys, found = numbers(units["unit_key"]), numbers(values, missing=0)
    table = np.zeros(int(keys.max(initial=0)) + 1, bool if found.dtype == bool else np.int64)
    table[keys] = found
    return table
