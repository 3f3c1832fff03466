"""Identifiers as they stand in the text, and the dictionary of those a block holds."""

import numpy as np
import numpy.typing as npt

from tasks.kernels.arrays import Int32, Int64, UInt8
from tasks.kernels.compile import kernel
from tasks.kernels.json_bytes import Text, byte, copy_bytes, pointer, word
from tasks.kernels.json_skip import MINUS, NINE, NOT_CLEAN, POINT, QUOTE, ZERO, Numbers, plain_string

Slots = npt.NDArray[np.int32]
"""To the type checker; compiled, a pointer."""

SMALLEST_TABLE = 512
"""Slots that a dictionary begins with; a power of two, doubled when half full."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, odd: spreads neighbouring ids
_EVERY_BIT = np.uint64(0xFFFFFFFFFFFFFFFF)
_HIGHEST = np.uint64((1 << 63) - 1)
_TEN = np.uint64(10)
_EXACT_DIGITS = 15  # so many digits float64 holds exactly
_SIZE = 1


@kernel
def identifier(text: Text, position: int) -> tuple[int, int, int]:
    """(first, last + 1) of the text of the identifier at `position`, and the position after it, or NOT_CLEAN.

    An identifier is a string without escapes, a whole number of 64 bits, or one with a fraction of zeros ("7.0" is 7).
    """
    if byte(text, position) == QUOTE:
        end = plain_string(text, position + 1)
        return position + 1, end, end + 1 if end >= 0 else NOT_CLEAN
    first = position + 1 if byte(text, position) == MINUS else position
    value, end = np.uint64(0), first
    while ZERO <= byte(text, end) <= NINE:
        value = value * _TEN + np.uint64(byte(text, end) - ZERO)
        end += 1
    digits = end - first
    leading_zero = byte(text, first) == ZERO and (digits > 1 or first > position)
    if digits == 0 or digits > 19 or leading_zero or value > _HIGHEST:
        return position, end, NOT_CLEAN
    after = end
    if byte(text, end) == POINT:
        after += 1
        while byte(text, after) == ZERO:
            after += 1
        if after == end + 1 or digits > _EXACT_DIGITS or ZERO <= byte(text, after) <= NINE:
            return position, end, NOT_CLEAN
    return position, end, NOT_CLEAN if byte(text, after) | 32 == 101 else after


@kernel
def _word_until(text: Text, position: int, end: int) -> np.uint64:
    """Up to eight bytes from `position`, none of `end` or beyond."""
    left = end - position
    kept = _EVERY_BIT >> np.uint64(64 - 8 * left) if left < 8 else _EVERY_BIT
    return word(text, position) & kept


@kernel
def _same(text: Text, start: int, end: int, other: int, other_end: int) -> bool:
    if end - start != other_end - other:
        return False
    while start < end:
        if _word_until(text, start, end) != _word_until(text, other, other_end):
            return False
        start += 8
        other += 8
    return True


@kernel
def _home(text: Text, start: int, end: int, size: int) -> int:
    """The slot where the search for a text begins."""
    mixed = np.uint64(end - start)
    while start < end:
        mixed = (mixed ^ _word_until(text, start, end)) * _MULTIPLIER
        mixed ^= mixed >> np.uint64(32)
        start += 8
    return int(np.int64(mixed & np.uint64(size - 1)))


@kernel
def _grow(text: Text, slots: Slots, spans: Numbers) -> None:
    """Double the slots in use."""
    size = spans[_SIZE] * 2
    spans[_SIZE] = size
    for slot in range(size):
        slots[slot] = 0
    for entry in range(1, spans[0] + 1):
        slot = _home(text, spans[2 * entry], spans[2 * entry + 1], size)
        while slots[slot] != 0:
            slot = (slot + 1) & (size - 1)
        slots[slot] = np.int32(entry)


@kernel
def clear_names(slots: Slots, spans: Numbers) -> None:
    """Make a dictionary empty."""
    for slot in range(SMALLEST_TABLE):
        slots[slot] = 0
    spans[0], spans[_SIZE] = 0, SMALLEST_TABLE


@kernel
def name_code(text: Text, start: int, end: int, slots: Slots, spans: Numbers) -> int:
    """The number of the text start:end in a dictionary, where it is added at the end if it is new.

    `spans` is int64 (N + 1, 2): in row 0 how many entries there are and how many of `slots` (int32, 0 or entry + 1,
    open addressing) are in use; in row k + 1 where the text of entry k stands.
    """
    size = spans[_SIZE]
    slot = _home(text, start, end, size)
    while slots[slot] != 0:
        entry = int(slots[slot])
        if _same(text, start, end, spans[2 * entry], spans[2 * entry + 1]):
            return entry - 1
        slot = (slot + 1) & (size - 1)
    entry = int(spans[0]) + 1
    spans[0] = entry
    spans[2 * entry], spans[2 * entry + 1] = start, end
    slots[slot] = np.int32(entry)
    if 2 * entry > size:
        _grow(text, slots, spans)
    return entry - 1


@kernel
def names_in_order(text: UInt8, spans: Int64) -> tuple[UInt8, Int32]:
    """The texts of a dictionary one behind another: (data, offsets int32[N + 1]); `spans` as of `name_code`."""
    count = spans[0, 0]
    offsets = np.zeros(count + 1, np.int32)
    for entry in range(count):
        offsets[entry + 1] = offsets[entry] + spans[entry + 1, 1] - spans[entry + 1, 0]
    data = np.empty(offsets[count], np.uint8)
    for entry in range(count):
        length = offsets[entry + 1] - offsets[entry]
        copy_bytes(pointer(text), spans[entry + 1, 0], pointer(data), offsets[entry], length)
    return data, offsets
