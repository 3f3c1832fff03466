"""Pickles walked opcode by opcode without building anything: what may not be in them is refused where it stands.

The walk keeps, for each place of the stack, the kind of its value, how deep it is nested and how many values it holds
when all references are followed. A second walk also writes the opcodes down again, without frames, without memo entries
that nobody reads, and with long texts and bytes replaced by their place in the file: what is left of a file of masks is
a fraction of it, and can be loaded some thousand items at a time.
"""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Int32, Int64, UInt8
from tasks.kernels.compile import kernel
from tasks.kernels.json_bytes import pointer
from tasks.kernels.pickle_values import call, cell, fill, get, name_global, push_container, push_plain, put, value_of
from tasks.kernels.pickle_words import (
    ACTION,
    AT,
    BINGET,
    BINPERSID,
    BINPUT,
    CHUNK,
    CHUNK_ITEMS,
    CLOSED,
    COUNT1,
    COUNT4,
    COUNT8,
    CUT_OFF,
    DICT_OF_MARK,
    DONE,
    DROPPED,
    FILL_MARKED,
    FIRST,
    GET,
    GOING,
    HEIGHT,
    INLINE_BYTES,
    INTEGER_BYTES,
    KIND_BITS,
    LAST_PROTOCOL,
    LAYOUT,
    LINE,
    LINE_END,
    LINE_FEED,
    LONG1,
    LONG_BINGET,
    LONG_BINPUT,
    LONGEST_NAME,
    LONGEST_NUMBER,
    MARK_OPCODE,
    MARKED_AT,
    MARKS,
    MEMO_ROOM,
    MEMOIZE,
    MEMOIZE_OPCODE,
    MEMOIZED,
    NAME_OF_STACK,
    NEED_BYTES,
    NEED_OUT,
    NEED_STACK,
    NINE,
    NOT_LIST,
    ONE_LINE,
    OPCODES,
    OUT,
    OUT_ROOM,
    PASSES_OPEN,
    PENDING,
    PLAIN,
    PROTO,
    PUSH_BYTES,
    PUT,
    REFUSED,
    ROOM,
    SHORT_INDICES,
    SHORT_TEXT,
    SLOT,
    STACK_COLUMNS,
    STACK_ROOM,
    STOP,
    TEXT,
    TEXT_LINE,
    TOO_LONG,
    TRAILING,
    TWO_LINES,
    UNKNOWN,
    VALUE,
    WINDOW,
    ZERO,
)
from tasks.kernels.rle_codec import frozen


class Machine(NamedTuple):
    """What a walk knows between two windows of a file."""

    cursor: Int64
    """int64[CURSOR_SIZE]: AT the file offset of the next opcode; for NAMES, FIRST and SECOND the offsets of the two
    texts (SECOND is -1 where both follow the opcode at FIRST), to be answered in ROLE; for LINE, FIRST the opcode of a
    long line, to be answered in LINE_END with the offset of its line feed; for NEED_MEMO, FIRST the index."""
    stack: Int64
    """int64[n * STACK_COLUMNS]: of each place its value (kind, level, whether put somewhere, and its nodes, or for a
    text its offset, for a global its role) and its memo index, -1 where there is none; of mark k the stack's height."""
    memo: Int64
    """int64[m]: values by index; 0 where there is none. m is at least 256."""
    uses: Int32
    """int32[m]: 0 where the index is never read, else, for writing, its index in the stream + 1."""
    out: UInt8
    """The stream that is written; OUT bytes of it are filled."""


def walk(text: UInt8, base: int, size: int, writing: bool, machine: Machine) -> int:
    """Walk on from AT through `text`, the bytes of the file from `base` on; `size` is the file's. Return a status.

    Without `writing` the walk notes which memo entries are used; with it, `out` gets the stream. CHUNK says that the
    items of the list so far are in the stream and whole. A fault stands at AT.
    """
    return _walk(frozen(text), base, size, writing, *machine)


@kernel
def _walk(
    text: UInt8,
    base: int,
    size: int,
    writing: bool,
    cursor: Int64,
    stack: Int64,
    memo: Int64,
    uses: Int32,
    out: UInt8,
) -> int:
    cursor[WINDOW], cursor[OUT_ROOM] = len(text), len(out)
    cursor[STACK_ROOM], cursor[MEMO_ROOM] = len(stack) // STACK_COLUMNS, len(memo)
    known = (pointer(cursor), pointer(stack), pointer(memo), pointer(uses), pointer(out))
    status = GOING
    while status == GOING:
        _hurry(pointer(text), base, writing, *known)
        status = _step(pointer(text), base, size, writing, *known)
    return TRAILING if status == DONE and cursor[AT] != size else status


@kernel
def _hurry(
    text: UInt8, base: int, writing: bool, cursor: Int64, stack: Int64, memo: Int64, uses: Int32, out: UInt8
) -> None:
    """Take the opcodes that most of a file consists of, up to one that `_step` must see: a loop that calls nothing."""
    at, height, position = cursor[AT] - base, cursor[HEIGHT], cursor[OUT]
    opcodes, memoized, marks = cursor[OPCODES], cursor[MEMOIZED], cursor[MARKS]
    last, most, full = cursor[WINDOW] - ROOM, cursor[STACK_ROOM] - 2, cursor[OUT_ROOM] - ROOM if writing else 0
    while at <= last and 0 < marks < most and 1 < height < most and position <= full:
        opcode = text[at]
        length, slot, value = 1 + LAYOUT[opcode], np.int64(-1), PLAIN[opcode]
        pushes = 1
        if opcode == SHORT_TEXT:
            length, value = 2 + np.int64(text[at + 1]), value_of(TEXT, 0, base + at)
        elif opcode == BINGET:
            slot = np.int64(text[at + 1])
            value = memo[slot] if memo[slot] & CLOSED or PASSES_OPEN[memo[slot] & KIND_BITS] else 0
            if writing and not 1 <= uses[slot] <= SHORT_INDICES:
                break
            uses[slot] = max(uses[slot], value != 0)
        elif opcode == MEMOIZE_OPCODE:
            if memoized >= cursor[MEMO_ROOM] or memo[memoized] != 0 or stack[cell(height - 1, SLOT)] >= 0:
                break
            if height == stack[cell(marks - 1, MARKED_AT)] or (writing and uses[memoized]):
                break
            value, memo[memoized], stack[cell(height - 1, SLOT)] = 1, stack[cell(height - 1, VALUE)], memoized
            pushes, memoized = 0, memoized + 1
        elif opcode == MARK_OPCODE:
            stack[cell(marks, MARKED_AT)] = height
            value, pushes, marks = 1, 0, marks + 1
        if value == 0:
            break
        if pushes:
            stack[cell(height, VALUE)], stack[cell(height, SLOT)] = value, slot
        if writing and opcode != MEMOIZE_OPCODE:
            for place in range(length):
                out[position + place] = text[at + place]
            if opcode == BINGET:
                out[position + 1] = uses[slot] - 1
            position += length
        at, height, opcodes = at + length, height + pushes, opcodes + 1
    cursor[AT], cursor[HEIGHT], cursor[OPCODES], cursor[MEMOIZED] = base + at, height, opcodes, memoized
    cursor[OUT], cursor[MARKS] = position, marks


@kernel
def _step(
    text: UInt8, base: int, size: int, writing: bool, cursor: Int64, stack: Int64, memo: Int64, uses: Int32, out: UInt8
) -> int:
    """Take the next opcode, whatever it is."""
    status = _ready(text, base, size, cursor, stack, writing, out)
    if status != GOING:
        return status
    at = cursor[AT] - base
    action = ACTION[text[at]]
    content, stop = _argument(text, at, base, size, cursor)
    if stop < 0:
        return -stop
    if action == GET:
        status = get(_index(text, at, content, stop), writing, cursor, stack, memo, uses)
    elif action in (MEMOIZE, PUT):
        index = cursor[MEMOIZED] if action == MEMOIZE else _index(text, at, content, stop)
        status = put(index, cursor, stack, memo)
    else:
        status = _act(action, text[at], stop - content, base + at, cursor, stack, memo)
    if status > DONE:
        return status
    if writing and status == GOING:
        _write(text, at, content, stop, base, cursor, out)
    elif writing and PUT <= action <= GET:
        _write_memo(action, cursor, stack, uses, out)
    cursor[AT] = base + stop
    cursor[OPCODES] += 1
    cursor[LINE_END] = 0
    if status == DROPPED:
        return CHUNK if writing and cursor[PENDING] >= CHUNK_ITEMS else GOING
    return status


@kernel
def _ready(text: UInt8, base: int, size: int, cursor: Int64, stack: Int64, writing: bool, out: UInt8) -> int:
    """Whether the next opcode is one that may be, and has all the room it can need."""
    at = cursor[AT] - base
    if at + ROOM > cursor[WINDOW] and base + cursor[WINDOW] < size:
        return NEED_BYTES
    if at >= cursor[WINDOW]:
        return CUT_OFF
    if max(cursor[HEIGHT], cursor[MARKS]) + 2 > cursor[STACK_ROOM]:
        return NEED_STACK
    if writing and cursor[OUT] + ROOM > cursor[OUT_ROOM]:
        return NEED_OUT
    if text[at] == PROTO and at + 1 < cursor[WINDOW] and text[at + 1] > LAST_PROTOCOL:
        return UNKNOWN
    return UNKNOWN if ACTION[text[at]] == REFUSED else GOING


@kernel
def _argument(text: UInt8, at: int, base: int, size: int, cursor: Int64) -> tuple[int, int]:
    """Where what follows an opcode begins and ends; (0, -status) where it does not end."""
    layout = LAYOUT[text[at]]
    content = at + 1
    if layout < COUNT1:
        stop = content + layout
    elif layout <= COUNT8:
        width = 1 if layout == COUNT1 else (4 if layout == COUNT4 else 8)
        if content + width > cursor[WINDOW]:
            return 0, -CUT_OFF
        length = _number(text, content, width)
        content += width
        if length < 0 or length > size:
            return 0, -CUT_OFF
        stop = content + length
    else:
        stop = _line_end(text, content, base, size, layout, cursor)
        if stop < 0:
            return 0, stop
    return (content, stop) if base + stop <= size else (0, -CUT_OFF)


@kernel
def _number(text: UInt8, start: int, width: int) -> int:
    """The little-endian number of `width` bytes; 8 bytes with the highest bit set give a negative one."""
    value = 0
    for byte in range(width):
        value |= int(text[start + byte]) << (8 * byte)
    return value


@kernel
def _line_end(text: UInt8, content: int, base: int, size: int, layout: int, cursor: Int64) -> int:
    """Behind the line feed (the second of two) from `content` on, or a negative status."""
    if layout == TEXT_LINE and cursor[LINE_END] > 0:
        return cursor[LINE_END] + 1 - base
    longest = INLINE_BYTES if layout == TEXT_LINE else (LONGEST_NUMBER if layout == ONE_LINE else LONGEST_NAME)
    stop = content
    for _ in range(2 if layout == TWO_LINES else 1):
        last = min(stop + longest, cursor[WINDOW])
        while stop < last and text[stop] != LINE_FEED:
            stop += 1
        if stop == last:
            if layout == TEXT_LINE:
                cursor[FIRST] = base + content - 1
                return -LINE
            return -CUT_OFF if base + stop == size else -TOO_LONG
        stop += 1
    return stop


@kernel
def _act(action: int, opcode: int, length: int, opcode_at: int, cursor: Int64, stack: Int64, memo: Int64) -> int:
    """Do to the stack of kinds what the opcode does to values."""
    if action <= PUSH_BYTES:
        return push_plain(action, opcode, length, opcode_at, cursor, stack)
    if action <= DICT_OF_MARK:
        return push_container(action, opcode, cursor, stack, memo)
    if action <= FILL_MARKED:
        return fill(opcode, action == FILL_MARKED, cursor, stack, memo)
    if action <= NAME_OF_STACK:
        return name_global(action, opcode_at, cursor, stack)
    if action < STOP:
        return call(action, cursor, stack, memo)
    return DONE if cursor[HEIGHT] == 1 and cursor[MARKS] == 0 else NOT_LIST


@kernel
def _index(text: UInt8, at: int, content: int, stop: int) -> int:
    """The memo index that follows an opcode; -1 where its line is no number."""
    if LAYOUT[text[at]] != ONE_LINE:
        return _number(text, content, stop - content)
    index = 0
    for place in range(content, stop - 1):
        if not ZERO <= text[place] <= NINE or place - content > 15:
            return -1
        index = index * 10 + text[place] - ZERO
    return index if stop - content > 1 else -1


@kernel
def _write(text: UInt8, at: int, content: int, stop: int, base: int, cursor: Int64, out: UInt8) -> None:
    """Copy an opcode; of long texts and bytes only where they lie."""
    position = cursor[OUT]
    if stop - content > INLINE_BYTES:
        out[position], out[position + 1] = LONG1, INTEGER_BYTES
        for byte in range(INTEGER_BYTES):
            out[position + 2 + byte] = (base + at) >> (8 * byte) & 255
        out[position + 2 + INTEGER_BYTES] = BINPERSID
        cursor[OUT] += 3 + INTEGER_BYTES
        return
    for place in range(at, stop):
        out[position + place - at] = text[place]
    cursor[OUT] += stop - at


@kernel
def _write_memo(action: int, cursor: Int64, stack: Int64, uses: Int32, out: UInt8) -> None:
    """Write what reads or remembers the top of the stack, under its index in the stream, if anything ever reads it."""
    top = cursor[HEIGHT] - 1
    index = uses[stack[cell(top, SLOT)]] - 1
    if index < 0 or top == 0:
        return
    position = cursor[OUT]
    width = 1 if index < 256 else 4
    if action == GET:
        out[position] = BINGET if width == 1 else LONG_BINGET
    else:
        out[position] = BINPUT if width == 1 else LONG_BINPUT
    for byte in range(width):
        out[position + 1 + byte] = index >> (8 * byte) & 255
    cursor[OUT] += 1 + width
