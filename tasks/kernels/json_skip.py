"""Going over JSON text without keeping it: strictly, where a value must be known to be clean, and loosely, to its end.

Clean means: RFC 8259 to the letter, and nothing in it that a record may not hold (a key twice in one object, a NUL or
half a surrogate pair in a string, a number beyond float64). A value that is not known to be clean here may still be:
keys with escapes, long numbers and more than 32 keys are left to the reader in Python.
"""

import numpy as np
import numpy.typing as npt

from tasks.kernels.compile import kernel
from tasks.kernels.json_bytes import Text, byte, string_stops, trailing_zeros, word

Numbers = npt.NDArray[np.int64]
"""To the type checker; compiled, a pointer."""

NOT_CLEAN = -1
"""Not clean, or not known to be."""
INCOMPLETE, TOO_DEEP = -2, -3
"""`value_end` found the end of the text, or more open brackets than allowed."""

MAX_DEPTH = 64
"""Brackets open at once, counted over the whole file."""
MAX_KEYS = 32
"""Keys of unknown meaning that are held at once to find one that is there twice."""

QUOTE, COMMA, COLON, POINT, MINUS, ZERO, NINE = 34, 44, 58, 46, 45, 48, 57
OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT, BACKSLASH, SLASH = 91, 93, 123, 125, 92, 47
_SPACE, _TAB, _NEWLINE, _RETURN = 32, 9, 10, 13
_TRUE, _FALSE_TAIL, _NULL = (np.uint64(int.from_bytes(text, "little")) for text in (b"true", b"alse", b"null"))
_FOUR_BYTES = np.uint64(0xFFFFFFFF)
_ONE = np.uint64(1)


@kernel
def space(text: Text, position: int) -> int:
    """The first position from `position` on that is not white space."""
    character = byte(text, position)
    while character <= _SPACE:
        if character != _SPACE and character != _NEWLINE and character != _RETURN and character != _TAB:
            return position
        position += 1
        character = byte(text, position)
    return position


@kernel
def literal(text: Text, position: int) -> int:
    """Length of the true, false or null at `position`; 0 where there is none of them."""
    four = word(text, position) & _FOUR_BYTES
    if four in (_TRUE, _NULL):
        return 4
    is_false = byte(text, position) == 102 and word(text, position + 1) & _FOUR_BYTES == _FALSE_TAIL
    return 5 if is_false else 0


@kernel
def is_null(text: Text, position: int) -> bool:
    """Whether null stands at `position`."""
    return word(text, position) & _FOUR_BYTES == _NULL


@kernel
def string_stop(text: Text, position: int) -> int:
    """The first quote, backslash or control character (NUL too) from `position` on."""
    while True:
        stops = string_stops(text, position)
        if stops != 0:
            return position + trailing_zeros(stops)
        position += 32


@kernel
def plain_string(text: Text, position: int) -> int:
    """The closing quote of the string whose text begins at `position`; NOT_CLEAN where it holds a backslash."""
    end = string_stop(text, position)
    return end if byte(text, end) == QUOTE else NOT_CLEAN


@kernel
def _hex_digit(character: int) -> int:
    if ZERO <= character <= NINE:
        return character - ZERO
    letter = character | 32
    return letter - 87 if 97 <= letter <= 102 else 1 << 16


@kernel
def _escape(text: Text, position: int) -> int:
    """The position after the escape whose backslash is at `position`."""
    kind = byte(text, position + 1)
    if kind in (QUOTE, BACKSLASH, SLASH):
        return position + 2
    if kind in (98, 102, 110, 114, 116):  # b f n r t
        return position + 2
    if kind != 117:
        return NOT_CLEAN
    code = 0
    for k in range(position + 2, position + 6):
        code = code * 16 + _hex_digit(byte(text, k))
    # surrogate pairs are left to Python, which knows whether the other half is there
    return NOT_CLEAN if code == 0 or code >= 1 << 16 or 0xD800 <= code <= 0xDFFF else position + 6


@kernel
def clean_string(text: Text, position: int) -> int:
    """The closing quote of the string whose text begins at `position`, escapes checked."""
    while True:
        position = string_stop(text, position)
        character = byte(text, position)
        if character == QUOTE:
            return position
        if character != BACKSLASH:
            return NOT_CLEAN
        position = _escape(text, position)
        if position < 0:
            return NOT_CLEAN


@kernel
def _digits_end(text: Text, position: int) -> int:
    while ZERO <= byte(text, position) <= NINE:
        position += 1
    return position


@kernel
def clean_number(text: Text, position: int) -> int:
    """The end of the number at `position`, of at most 18 digits a part and without exponent: surely finite."""
    start = position + 1 if byte(text, position) == MINUS else position
    end = _digits_end(text, start)
    if end == start or end - start > 18 or (byte(text, start) == ZERO and end - start > 1):
        return NOT_CLEAN
    if byte(text, end) == POINT:
        start = end + 1
        end = _digits_end(text, start)
        if end == start or end - start > 18:
            return NOT_CLEAN
    return NOT_CLEAN if byte(text, end) | 32 == 101 else end


@kernel
def clean_scalar(text: Text, position: int) -> int:
    """The end of the string, number, true, false or null at `position`."""
    if byte(text, position) == QUOTE:
        end = clean_string(text, position + 1)
        return end + 1 if end >= 0 else NOT_CLEAN
    length = literal(text, position)
    return position + length if length else clean_number(text, position)


@kernel
def new_key(text: Text, start: int, end: int, keys: Numbers, base: int, held: int) -> bool:
    """Whether the key start:end is none of keys base:held, and there is room to hold it there (done here)."""
    if held >= MAX_KEYS:
        return False
    for k in range(base, held):
        if keys[2 * k + 1] - keys[2 * k] == end - start:
            same = 0
            while same < end - start and byte(text, keys[2 * k] + same) == byte(text, start + same):
                same += 1
            if same == end - start:
                return False
    keys[2 * held], keys[2 * held + 1] = start, end
    return True


@kernel
def _clean_key(text: Text, position: int, keys: Numbers, base: int, held: int) -> int:
    """The position of the value whose key begins at `position`; the key is held as keys[held]."""
    if byte(text, position) != QUOTE:
        return NOT_CLEAN
    end = plain_string(text, position + 1)
    if end < 0 or not new_key(text, position + 1, end, keys, base, held):
        return NOT_CLEAN
    position = space(text, end + 1)
    return space(text, position + 1) if byte(text, position) == COLON else NOT_CLEAN


@kernel
def clean_value(text: Text, position: int, depth: int, keys: Numbers, held: int) -> int:
    """The end of the value at `position`, inside `depth` open brackets; NOT_CLEAN where it is not known to be clean.

    `keys` is int64 (MAX_KEYS + MAX_DEPTH, 2): where the keys held stand, `held` of them already, then per bracket open
    here (how many keys were held before it, whether it is an object). Text is valid UTF-8 and followed by NUL.
    """
    level = 0
    while True:
        character = byte(text, position)
        opened = character in (OPEN_LIST, OPEN_OBJECT)
        if opened:
            if depth + level >= MAX_DEPTH:
                return NOT_CLEAN
            bracket = 2 * (MAX_KEYS + level)
            keys[bracket], keys[bracket + 1] = held, np.int64(character == OPEN_OBJECT)
            level += 1
            position = space(text, position + 1)
            if byte(text, position) != character + 2:  # "]" is "[" + 2, "}" is "{" + 2
                if character == OPEN_OBJECT:
                    position = _clean_key(text, position, keys, held, held)
                    held += 1
                if position < 0:
                    return NOT_CLEAN
                continue
        else:
            position = clean_scalar(text, position)
            if position < 0 or level == 0:
                return position
        position, level, held = _after_value(text, position, keys, level, held)
        if position < 0 or level == 0:
            return position


@kernel
def _after_value(text: Text, position: int, keys: Numbers, level: int, held: int) -> tuple[int, int, int]:
    """(the next value or the end of the outermost bracket, brackets open there, keys held there)."""
    while level > 0:
        position = space(text, position)
        character = byte(text, position)
        bracket = 2 * (MAX_KEYS + level - 1)
        base, is_object = keys[bracket], keys[bracket + 1]
        if character == COMMA:
            position = space(text, position + 1)
            if not is_object:
                return position, level, held
            return _clean_key(text, position, keys, base, held), level, held + 1
        if character != (CLOSE_OBJECT if is_object else CLOSE_LIST):
            return NOT_CLEAN, level, held
        position += 1
        level -= 1
        held = base
    return position, level, held
