"""To the end of JSON text by its strings and brackets alone, whatever else may be wrong in it."""

import numpy as np
import numpy.typing as npt

from tasks.kernels.compile import kernel
from tasks.kernels.json_bytes import Text, byte, pointer, set_bits, structure_masks, structure_stops, trailing_zeros
from tasks.kernels.json_skip import (
    BACKSLASH,
    CLOSE_LIST,
    CLOSE_OBJECT,
    COMMA,
    MAX_DEPTH,
    OPEN_LIST,
    OPEN_OBJECT,
    QUOTE,
    Numbers,
    string_stop,
)

INCOMPLETE, TOO_DEEP = -2, -3
"""In place of the end: the text ends before the value does, or has more open brackets than allowed."""

DEPTH, IN_STRING = 0, 1
"""What `bracket_balance` carries from one stretch of text to the next; IN_STRING is 2 after a backslash."""

_SPACE = 32
_ONE = np.uint64(1)
_NONE, _ALL = np.uint64(0), np.uint64(2**64 - 1)
_STRIDE = 64
_LAST = np.uint64(_STRIDE - 1)


@kernel
def _scalar_end(text: Text, position: int, end: int) -> int:
    """The first white space, comma or bracket from `position` on."""
    while position < end:
        character = byte(text, position)
        if character <= _SPACE or character in (COMMA, CLOSE_LIST, CLOSE_OBJECT):
            return position
        position += 1
    return position


@kernel
def value_end(text: Text, position: int, end: int, depth: int, state: Numbers) -> int:
    """The end of the value at `position` by strings and brackets alone, or INCOMPLETE or TOO_DEEP.

    The value may be broken inside; where nothing stands at `position`, the end is `position`. `state` is scratch.
    """
    first = byte(text, position)
    if position < end and first != QUOTE and first != OPEN_LIST and first != OPEN_OBJECT:
        return _scalar_end(text, position, end)
    state[DEPTH], state[IN_STRING] = 0, 0
    after = bracket_balance(text, position, end, MAX_DEPTH - depth, state)
    return after if after < 0 or (state[DEPTH] == 0 and state[IN_STRING] == 0) else INCOMPLETE


@kernel
def _string_rest(text: Text, position: int, end: int, state: Numbers) -> int:
    """The position after the closing quote, or `end` where the string goes on beyond it."""
    if state[IN_STRING] == 2 and position < end:
        position += 1
    state[IN_STRING] = 1
    while position < end:
        position = string_stop(text, position)
        if position >= end:
            return end
        character = byte(text, position)
        position += 1
        if character == QUOTE:
            state[IN_STRING] = 0
            return position
        if character == BACKSLASH:
            position += 1
            if position > end:
                state[IN_STRING] = 2
    return end


@kernel
def _inside_strings(quotes: np.uint64) -> np.uint64:
    """Bits from each opening quote to before its closing one: bit k is the parity of the quotes up to k."""
    for shift in (1, 2, 4, 8, 16, 32):
        quotes ^= quotes << np.uint64(shift)
    return quotes


@kernel
def _in_strides(text: Text, position: int, end: int, most: int, state: Numbers) -> int:
    """Go over as many times 64 bytes as bring neither a backslash nor the end, nor too many brackets."""
    depth, inside = state[DEPTH], _ALL if state[IN_STRING] else _NONE
    while end - position >= _STRIDE:
        quotes, backslashes, opening, closing = structure_masks(text, position)
        strings = _inside_strings(quotes) ^ inside
        opened, closed = set_bits(opening & ~strings), set_bits(closing & ~strings)
        if backslashes != 0 or depth <= closed or depth + opened > most:
            break
        depth += opened - closed
        inside = _ALL if strings >> _LAST != 0 else _NONE
        position += _STRIDE
    state[DEPTH], state[IN_STRING] = depth, np.int64(inside != 0)
    return position


@kernel
def bracket_balance(text: Text, position: int, end: int, most: int, state: Numbers) -> int:
    """The position after the bracket, or string, that closes the outermost one; `end` where it goes on beyond.

    `state` is int64 (DEPTH, IN_STRING), zeros before the first byte, which opens a bracket or a string;
    more than `most` brackets are TOO_DEEP.
    """
    while position < end:
        if state[DEPTH] > 0 and state[IN_STRING] < 2:
            position = _in_strides(text, position, end, most, state)
        position = _careful(text, position, min(position + _STRIDE, end), most, state)
        if position < 0 or (state[DEPTH] <= 0 and state[IN_STRING] == 0):
            return position
    return end


@kernel
def _careful(text: Text, position: int, end: int, most: int, state: Numbers) -> int:
    """`bracket_balance`, sign by sign."""
    while position < end:
        if state[IN_STRING]:
            position = _string_rest(text, position, end, state)
            if state[DEPTH] == 0 and state[IN_STRING] == 0:
                return position
            continue
        stops = structure_stops(text, position)
        base, position = position, position + 32
        while stops != 0:
            at = base + trailing_zeros(stops)
            stops &= stops - _ONE
            character = byte(text, at)
            if at >= end or character == 0:
                position = min(at + 1, end)
                break
            if character == QUOTE:
                state[IN_STRING] = 1
                position = at + 1
                break
            state[DEPTH] += 1 if character in (OPEN_LIST, OPEN_OBJECT) else -1
            if state[DEPTH] > most:
                return TOO_DEEP
            if state[DEPTH] <= 0:
                return at + 1
    return end


@kernel
def skip_brackets(block: npt.NDArray[np.uint8], start: int, end: int, most: int, state: npt.NDArray[np.int64]) -> int:
    """`bracket_balance` of a uint8 array with PADDING NUL bytes after `end`."""
    return bracket_balance(pointer(block), start, end, most, pointer(state))
