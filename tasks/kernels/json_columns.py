"""What the records of a block of JSON are read into."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tasks.kernels.compile import kernel
from tasks.kernels.json_bytes import pointer
from tasks.kernels.json_names import SMALLEST_TABLE
from tasks.kernels.json_skip import MAX_DEPTH, MAX_KEYS

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

SCORE_AT, AREA_AT, BOX_AT = 0, 1, 2
N_NUMBERS = 6
"""Columns of `Columns.number`: score, area, x, y, width, height."""

GIVEN_AT, UNIT_AT, CATEGORY_AT, SIZE_AT, COUNT_AT = 0, 1, 2, 3, 5
PARTS_AT, POINTS_AT, COUNTS_AT, IDS_AT = 6, 7, 8, 9
N_WHOLE = 10
"""Columns of `Columns.whole`: bits (`json_keys`), codes of unit and category, mask height and width, num_keypoints,
and where the row's parts, keypoints, packed counts and id begin (they end where those of the next row begin)."""

STATUS, POSITION, SEEN, ROWS, OTHERS, UNCLEAN = range(6)
"""Places of `Columns.cursor`: how and where the block ended, elements seen, records taken, elements noted, and how many
of them are not known to be clean."""

SMALLEST_RECORD = len('{"image_id":1,"category_id":1,"bbox":[1,1,1,1]}')


class Columns(NamedTuple):
    """Room for whatever a block of so many bytes may hold. What a row does not give is undefined there."""

    whole: Int32
    """(rows + 1, N_WHOLE)"""
    number: Float64
    """(rows, N_NUMBERS)"""
    part: Int32
    """(parts + 1): where each part of a polygon begins among the vertices."""
    vertex: Float64
    """(2, vertices)"""
    point: Float64
    """(2, keypoints)"""
    visibility: npt.NDArray[np.int8]
    """(keypoints)"""
    counts: npt.NDArray[np.uint8]
    """Packed run lengths, one mask after another."""
    ids: npt.NDArray[np.uint8]
    """Identifiers of annotations, one after another."""
    slots: Int32
    """(2, slots): the hash tables of units and categories."""
    spans: Int64
    """(2, rows + 1, 2): their dictionaries, see `json_names.name_code`."""
    other: Int64
    """(others, 3): elements noted: position in the array, first byte, last byte + 1."""
    runs: npt.NDArray[np.int64]
    """Scratch: the runs of a mask."""
    keys: Int64
    """Scratch: see `json_skip.clean_value`, and two more for `json_skip.value_end`."""
    cursor: Int64
    """(6)"""


def new_columns(size: int) -> Columns:
    """Columns for blocks of `size` bytes; memory that is never written to is never taken from the system."""
    rows = size // SMALLEST_RECORD + 1
    pairs, triples, slots = size // 4 + 1, size // 6 + 1, max(SMALLEST_TABLE, 1 << (2 * rows).bit_length())
    return Columns(
        whole=np.empty((rows + 1, N_WHOLE), np.int32),
        number=np.empty((rows, N_NUMBERS), np.float64),
        part=np.empty(size // 12 + 2, np.int32),
        vertex=np.empty((2, pairs), np.float64),
        point=np.empty((2, triples), np.float64),
        visibility=np.empty(triples, np.int8),
        counts=np.empty(2 * size + 8, np.uint8),  # a run packs into little more than its digits
        ids=np.empty(size, np.uint8),
        slots=np.empty((2, slots), np.int32),
        spans=np.empty((2, rows + 1, 2), np.int64),
        other=np.empty((size // 2 + 1, 3), np.int64),
        runs=np.empty(size // 2 + 1, np.int64),
        keys=np.empty((MAX_KEYS + MAX_DEPTH + 1, 2), np.int64),
        cursor=np.zeros(6, np.int64),
    )


class Targets(NamedTuple):
    """Pointers into `Columns`, for the kernels."""

    whole: Int32
    number: Float64
    part: Int32
    vertex_x: Float64
    vertex_y: Float64
    point_x: Float64
    point_y: Float64
    visibility: npt.NDArray[np.int8]
    counts: npt.NDArray[np.uint8]
    ids: npt.NDArray[np.uint8]
    unit_slots: Int32
    unit_spans: Int64
    category_slots: Int32
    category_spans: Int64
    other: Int64
    runs: npt.NDArray[np.int64]
    keys: Int64
    state: Int64
    cursor: Int64


@kernel
def targets(columns: Columns) -> Targets:
    """Pointers into the arrays of `columns`, which must outlive them."""
    return Targets(
        pointer(columns.whole),
        pointer(columns.number),
        pointer(columns.part),
        pointer(columns.vertex[0]),
        pointer(columns.vertex[1]),
        pointer(columns.point[0]),
        pointer(columns.point[1]),
        pointer(columns.visibility),
        pointer(columns.counts),
        pointer(columns.ids),
        pointer(columns.slots[0]),
        pointer(columns.spans[0]),
        pointer(columns.slots[1]),
        pointer(columns.spans[1]),
        pointer(columns.other),
        pointer(columns.runs),
        pointer(columns.keys),
        pointer(columns.keys[MAX_KEYS + MAX_DEPTH]),
        pointer(columns.cursor),
    )
