"""The geometry of a COCO record, from its text straight into columns.

Every function takes the position of a value in a padded block and returns the position after it, or NOT_CLEAN where
the value is anything but the ordinary: the reader in Python then says what it is.
"""

import numpy as np
import numpy.typing as npt

from tasks.kernels.compile import kernel
from tasks.kernels.decimal import number
from tasks.kernels.json_bytes import Text, as_array, byte, copy_bytes, word
from tasks.kernels.json_names import Slots
from tasks.kernels.json_skip import (
    BACKSLASH,
    CLOSE_LIST,
    CLOSE_OBJECT,
    COLON,
    COMMA,
    NINE,
    NOT_CLEAN,
    OPEN_LIST,
    QUOTE,
    ZERO,
    space,
    string_stop,
)
from tasks.kernels.rle_codec import encode_mask

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.int8]
Runs = npt.NDArray[np.int64]
"""To the type checker; compiled, pointers, as `Slots` is to int32."""

LONGEST_SIDE_PX = 1 << 16
LARGEST_MASK_PX2 = 1 << 28
"""Sizes of masks that are taken; pycocotools' C code is safe below them."""

_SIZE_KEY = np.uint64(int.from_bytes(b'size"', "little"))
_FIVE_BYTES = np.uint64((1 << 40) - 1)
_COUNTS_KEY = np.uint64(int.from_bytes(b'counts"', "little"))
_SEVEN_BYTES = np.uint64((1 << 56) - 1)


@kernel
def box(text: Text, position: int, numbers: Floats, at: int) -> int:
    """[x, y, width, height] into numbers[at : at + 4]; sides below 0 are not taken."""
    if byte(text, position) != OPEN_LIST:
        return NOT_CLEAN
    position = space(text, position + 1)
    for k in range(4):
        value, position = number(text, position)
        if position < 0 or (k >= 2 and value < 0):
            return NOT_CLEAN
        numbers[at + k] = value
        position = space(text, position)
        if byte(text, position) != (COMMA if k < 3 else CLOSE_LIST):
            return NOT_CLEAN
        position = space(text, position + 1)
    return position


@kernel
def _number_and_comma(text: Text, position: int) -> tuple[float, int]:
    """(value, position of what follows the comma)."""
    value, position = number(text, position)
    if position < 0:
        return value, NOT_CLEAN
    position = space(text, position)
    return value, space(text, position + 1) if byte(text, position) == COMMA else NOT_CLEAN


@kernel
def _ring(text: Text, position: int, x: Floats, y: Floats, n: int) -> tuple[int, int]:
    """(the position after the list of x, y, ... whose first number is at `position`, points there are then)."""
    while True:
        x[n], position = _number_and_comma(text, position)
        if position < 0:
            return NOT_CLEAN, n
        y[n], position = number(text, position)
        if position < 0:
            return NOT_CLEAN, n
        n += 1
        position = space(text, position)
        if byte(text, position) == CLOSE_LIST:
            return position + 1, n
        if byte(text, position) != COMMA:
            return NOT_CLEAN, n
        position = space(text, position + 1)


@kernel
def polygons(text: Text, position: int, x: Floats, y: Floats, ends: Slots, parts: int) -> tuple[int, int]:
    """(next position, parts there are then): lists of x, y, ... into `x` and `y`, one part after another.

    ends[k] is where part k - 1 ends and part k begins; a part has 3 points or more.
    """
    position = space(text, position + 1)
    while byte(text, position) == OPEN_LIST:
        start = int(ends[parts])
        position, end = _ring(text, space(text, position + 1), x, y, start)
        if position < 0 or end < start + 3:
            return NOT_CLEAN, parts
        parts += 1
        ends[parts] = np.int32(end)
        position = space(text, position)
        if byte(text, position) == CLOSE_LIST:
            return position + 1, parts
        if byte(text, position) != COMMA:
            return NOT_CLEAN, parts
        position = space(text, position + 1)
    return NOT_CLEAN, parts


@kernel
def _visibility(value: float, scores: bool) -> int:
    """0, 1 or 2, or -1 for anything else; where it may be a score, above 0 is 2 and below is 0."""
    if value == 0 or value == 1 or value == 2:
        return int(value)
    return (2 if value > 0 else 0) if scores else -1


@kernel
def keypoints(
    text: Text, position: int, x: Floats, y: Floats, visibility: Flags, n: int, scores: bool
) -> tuple[int, int]:
    """(next position, points there are then): x, y, visibility, ... into `x`, `y` and `visibility`."""
    if byte(text, position) != OPEN_LIST:
        return NOT_CLEAN, n
    position = space(text, position + 1)
    while True:
        x[n], position = _number_and_comma(text, position)
        if position < 0:
            return NOT_CLEAN, n
        y[n], position = _number_and_comma(text, position)
        if position < 0:
            return NOT_CLEAN, n
        value, position = number(text, position)
        seen = _visibility(value, scores)
        if position < 0 or seen < 0:
            return NOT_CLEAN, n
        visibility[n] = np.int8(seen)
        n += 1
        position = space(text, position)
        if byte(text, position) == CLOSE_LIST:
            return position + 1, n
        if byte(text, position) != COMMA:
            return NOT_CLEAN, n
        position = space(text, position + 1)


@kernel
def whole(text: Text, position: int) -> tuple[int, int]:
    """(value, next position) of a whole number of 0 to 9 digits, without sign, fraction or exponent."""
    value, end = 0, position
    while ZERO <= byte(text, end) <= NINE and end < position + 10:
        value = value * 10 + byte(text, end) - ZERO
        end += 1
    after = byte(text, end)
    if end == position or end - position > 9 or (byte(text, position) == ZERO and end - position > 1):
        return 0, NOT_CLEAN
    return value, NOT_CLEAN if after == 46 or after | 32 == 101 else end


@kernel
def _mask_size(text: Text, position: int, sizes: Slots, at: int) -> int:
    """[height, width] into sizes[at] and sizes[at + 1]."""
    if byte(text, position) != OPEN_LIST:
        return NOT_CLEAN
    position = space(text, position + 1)
    for k in range(2):
        value, position = whole(text, position)
        if position < 0 or value < 1 or value > LONGEST_SIDE_PX:
            return NOT_CLEAN
        sizes[at + k] = np.int32(value)
        position = space(text, position)
        if byte(text, position) != (COMMA if k < 1 else CLOSE_LIST):
            return NOT_CLEAN
        position = space(text, position + 1)
    return position


@kernel
def _packed_counts(text: Text, position: int, counts: Text, end: int) -> tuple[int, int]:
    """(next position, bytes there are then): the text of the string whose first character is at `position`."""
    while True:
        stop = string_stop(text, position)
        copy_bytes(text, position, counts, end, stop - position)
        end += stop - position
        if byte(text, stop) == QUOTE:
            return stop + 1, end
        escaped = byte(text, stop + 1)
        if byte(text, stop) != BACKSLASH or (escaped != BACKSLASH and escaped != QUOTE and escaped != 47):
            return NOT_CLEAN, end
        counts[end] = np.uint8(escaped)
        end += 1
        position = stop + 2


@kernel
def _listed_counts(text: Text, position: int, runs: Runs) -> tuple[int, int, int]:
    """(next position, runs, their sum): [background, foreground, ...] into `runs`, no run but the first being 0."""
    position = space(text, position + 1)
    n, total = 0, 0
    while True:
        value, position = whole(text, position)
        total += value
        if position < 0 or total > LARGEST_MASK_PX2 or (value == 0 and n > 0):
            return NOT_CLEAN, n, total
        runs[n] = value
        n += 1
        position = space(text, position)
        if byte(text, position) == CLOSE_LIST:
            return position + 1, n, total
        if byte(text, position) != COMMA:
            return NOT_CLEAN, n, total
        position = space(text, position + 1)


@kernel
def _pack(runs: Runs, n: int, counts: Text, end: int) -> int:
    """Bytes there are in `counts` once `n` runs are packed there."""
    # a packed run takes 7 bytes at most
    return end + encode_mask(as_array(runs, n), as_array(counts, end + 7 * n)[end:], 0)


@kernel
def mask(text: Text, position: int, sizes: Slots, at: int, runs: Runs, counts: Text, end: int) -> tuple[int, int]:
    """(next position, bytes there are then): {"size", "counts"} into sizes[at : at + 2] and, packed, counts[end:].

    Runs that the file lists are packed here; packed ones are copied and checked later, with those of other formats.
    """
    position = space(text, position + 1)
    sized, counted, listed = False, False, -1
    while byte(text, position) == QUOTE:
        key = word(text, position + 1)
        is_size = key & _FIVE_BYTES == _SIZE_KEY
        if (is_size and sized) or (not is_size and (counted or key & _SEVEN_BYTES != _COUNTS_KEY)):
            return NOT_CLEAN, end
        position = space(text, position + (6 if is_size else 8))
        if byte(text, position) != COLON:
            return NOT_CLEAN, end
        position = space(text, position + 1)
        if is_size:
            sized, position = True, _mask_size(text, position, sizes, at)
        elif byte(text, position) == QUOTE:
            counted = True
            position, end = _packed_counts(text, position + 1, counts, end)
        elif byte(text, position) == OPEN_LIST:
            counted = True
            position, n, listed = _listed_counts(text, position, runs)
            if position >= 0:
                end = _pack(runs, n, counts, end)
        else:
            return NOT_CLEAN, end
        if position < 0:
            return NOT_CLEAN, end
        position = space(text, position)
        if byte(text, position) == COMMA:
            position = space(text, position + 1)
            continue
        area_px2 = int(sizes[at]) * int(sizes[at + 1])
        fits = sized and counted and area_px2 <= LARGEST_MASK_PX2 and (listed < 0 or listed == area_px2)
        return position + 1 if fits and byte(text, position) == CLOSE_OBJECT else NOT_CLEAN, end
    return NOT_CLEAN, end
