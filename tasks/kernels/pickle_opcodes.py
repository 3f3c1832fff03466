"""Pickles walked opcode by opcode without building anything: what may not be in them is refused where it stands.

The walk keeps, for each place of the stack, the kind of its value, how deep it is nested and how many values it holds
when all references are followed. A second walk also writes the opcodes down again, without frames, without memo entries
that nobody reads, and with long texts and bytes replaced by their place in the file: what is left of a file of masks is
a fraction of it, and can be loaded some thousand items at a time.

Opcodes and their arguments: CPython 3.13, `Lib/pickletools.py`.
"""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Int32, Int64, UInt8
from tasks.kernels.compile import kernel
from tasks.kernels.rle_codec import frozen

INLINE_BYTES = 4_096
"""Longer texts and bytes stay in the file."""
ROOM = INLINE_BYTES + 1_024
"""Bytes a window must hold from an opcode on, unless the file ends before: more than any opcode with what follows."""
CHUNK_ITEMS = 8_192
MAX_LEVEL = 32
"""Containers inside one another; a box of Encord's is 10 deep."""
NODES_PER_OPCODE = 20
"""Values per opcode when references are followed; a box of Encord's takes 101 opcodes for 39."""
_FREE_NODES = 10_000
_INTEGER_BYTES = 8
_INTEGER_LINE = 22
"""Sign, 19 digits, the L of a long number, line feed."""
_LONGEST_NUMBER = 64
_LONGEST_NAME = 256

# what a walk ends with: the first three need nothing but more room, the next an answer, then come faults
GOING, DROPPED, CHUNK, DONE, NEED_BYTES, NEED_STACK, NEED_MEMO, NEED_OUT, NAMES, LINE = range(10)
FAULTS = (
    "opcode {op} is not used by pickles of predictions",
    "the file is cut off inside an opcode",
    "opcode {op} finds nothing on the stack: the file is damaged",
    "values are nested deeper than 32",
    "references multiply the values to more than 20 per opcode",
    "a whole number of more than 64 bits",
    "memo index beyond the number of opcodes so far",
    "memo index read before it was written",
    "memo index written twice",
    "a value that holds itself",
    "a value that grows after it was put elsewhere",
    "opcode {op} with a key that is no text",
    "opcode {op} on something it may not be used on",
    "bytes after the end of the pickle",
    "not a list of predictions",
    "a number or name that is too long",
    "the file changed while it was read",
)
"""What a status from `FIRST_FAULT` on means; `{op}` stands for the opcode's name."""
FIRST_FAULT = 16
(
    UNKNOWN, CUT_OFF, UNDERFLOW, DEPTH, NODES, INTEGER, MEMO_INDEX, MEMO_UNSET, MEMO_TWICE, HOLDS_ITSELF,
    GROWS, KEY, TARGET, TRAILING, NOT_LIST, TOO_LONG, CHANGED,
) = range(FIRST_FAULT, FIRST_FAULT + len(FAULTS))  # fmt: skip

# places in the cursor
AT, OPCODES, HEIGHT, MARKS, MEMOIZED, ITEMS, PENDING, OUT, FIRST, SECOND, ROLE, LINE_END = range(12)
CURSOR_SIZE = 12

# what a global may be used for; 0 says that nobody was asked yet
UNDECIDED, CLASS, MAKES_FRESH, MAKES_VALUE, MAKES_BYTES, NAME_ONLY = range(6)

# kinds of values
_ATOM, _TEXT, _BYTES, _TUPLE, _EMPTY, _LIST, _DICT, _SET, _FRESH, _BUILT, _GLOBAL = range(1, 12)
_KIND_BITS, _LEVEL_AT, _CLOSED_AT, _REST_AT = 255, 8, 15, 16
_CLOSED = 1 << _CLOSED_AT

# how the bytes after an opcode are laid out: 0..8 is a number of bytes
_COUNT1, _COUNT4, _COUNT8, _ONE_LINE, _TWO_LINES, _TEXT_LINE = range(9, 15)

# what an opcode does
(
    _REFUSED, _NOTHING, _PUSH_ATOM, _PUSH_INTEGER, _PUSH_TEXT, _PUSH_BYTES, _MARK, _TUPLE_OF_MARK, _TUPLE_OF_FEW,
    _PUSH_LIST, _PUSH_DICT, _PUSH_SET, _LIST_OF_MARK, _DICT_OF_MARK, _FILL_ONE, _FILL_MARKED, _PUT, _MEMOIZE, _GET,
    _NAME, _NAME_OF_STACK, _REDUCE, _NEW, _BUILD, _STOP,
) = range(25)  # fmt: skip

_RULES: dict[bytes, tuple[int, int]] = {
    b"\x80": (_NOTHING, 1), b"\x95": (_NOTHING, 8), b".": (_STOP, 0), b"(": (_MARK, 0),
    b"N": (_PUSH_ATOM, 0), b"\x88": (_PUSH_ATOM, 0), b"\x89": (_PUSH_ATOM, 0),
    b"I": (_PUSH_INTEGER, _ONE_LINE), b"L": (_PUSH_INTEGER, _ONE_LINE), b"\x8a": (_PUSH_INTEGER, _COUNT1),
    b"J": (_PUSH_ATOM, 4), b"K": (_PUSH_ATOM, 1), b"M": (_PUSH_ATOM, 2),
    b"F": (_PUSH_ATOM, _ONE_LINE), b"G": (_PUSH_ATOM, 8),
    b"V": (_PUSH_TEXT, _TEXT_LINE), b"X": (_PUSH_TEXT, _COUNT4), b"\x8c": (_PUSH_TEXT, _COUNT1),
    b"\x8d": (_PUSH_TEXT, _COUNT8),
    b"B": (_PUSH_BYTES, _COUNT4), b"C": (_PUSH_BYTES, _COUNT1), b"\x8e": (_PUSH_BYTES, _COUNT8),
    b"\x96": (_PUSH_BYTES, _COUNT8),
    b")": (_TUPLE_OF_FEW, 0), b"\x85": (_TUPLE_OF_FEW, 0), b"\x86": (_TUPLE_OF_FEW, 0), b"\x87": (_TUPLE_OF_FEW, 0),
    b"t": (_TUPLE_OF_MARK, 0), b"]": (_PUSH_LIST, 0), b"}": (_PUSH_DICT, 0), b"\x8f": (_PUSH_SET, 0),
    b"l": (_LIST_OF_MARK, 0), b"d": (_DICT_OF_MARK, 0),
    b"a": (_FILL_ONE, 0), b"s": (_FILL_ONE, 0),
    b"e": (_FILL_MARKED, 0), b"u": (_FILL_MARKED, 0), b"\x90": (_FILL_MARKED, 0),
    b"p": (_PUT, _ONE_LINE), b"q": (_PUT, 1), b"r": (_PUT, 4), b"\x94": (_MEMOIZE, 0),
    b"g": (_GET, _ONE_LINE), b"h": (_GET, 1), b"j": (_GET, 4),
    b"c": (_NAME, _TWO_LINES), b"\x93": (_NAME_OF_STACK, 0), b"R": (_REDUCE, 0), b"\x81": (_NEW, 0), b"b": (_BUILD, 0),
}  # fmt: skip
"""(what it does, layout) of each opcode that a pickle of predictions may hold, at any protocol from 0 to 5."""
_ACTION, _LAYOUT = np.zeros(256, np.int64), np.zeros(256, np.int64)
for _opcode, (_action, _layout) in _RULES.items():
    _ACTION[_opcode[0]], _LAYOUT[_opcode[0]] = _action, _layout

_PLAIN = np.zeros(256, np.int64)
"""Value that an opcode pushes whatever stands in the file; 0 for those that push none, or not always the same."""
for _opcode, _kind in ((b"N\x88\x89JKMG", _ATOM), (b")", _EMPTY), (b"]", _LIST), (b"}", _DICT), (b"\x8f", _SET)):
    for _byte in _opcode:
        _PLAIN[_byte] = _kind | (_kind in (_LIST, _DICT, _SET)) << _LEVEL_AT | 1 << _REST_AT
_PASSES_OPEN = np.array([kind not in (_LIST, _DICT, _SET, _FRESH) for kind in range(_GLOBAL + 1)])
"""Kinds that may be read from the memo before they are put anywhere: those that cannot grow."""
_SHORT_TEXT, _MEMOIZE_OPCODE, _MARK_OPCODE, _SHORT_INDICES = 0x8C, 0x94, b"("[0], 256

_APPEND, _SETITEM, _APPENDS, _SETITEMS = b"a"[0], b"s"[0], b"e"[0], b"u"[0]
_TUPLE1, _LINE_FEED, _ZERO, _NINE = 0x85, b"\n"[0], b"0"[0], b"9"[0]
_PROTO, _LAST_PROTOCOL = 0x80, 5
_LONG1, _BINPERSID, _BINPUT, _LONG_BINPUT, _BINGET, _LONG_BINGET = 0x8A, b"Q"[0], b"q"[0], b"r"[0], b"h"[0], b"j"[0]


_VALUE, _SLOT, _MARKED_AT = range(3)
STACK_COLUMNS = 3


class Machine(NamedTuple):
    """What a walk knows between two windows of a file."""

    cursor: Int64
    """int64[CURSOR_SIZE]: AT the file offset of the next opcode; for NAMES, FIRST and SECOND the offsets of the two
    texts (SECOND is -1 where both follow the opcode at FIRST), to be answered in ROLE; for LINE, FIRST the opcode of a
    long line, to be answered in LINE_END with the offset of its line feed; for NEED_MEMO, FIRST the index."""
    stack: Int64
    """int64[n, STACK_COLUMNS]: of each place its value (kind, level, whether put somewhere, and its nodes, or for a
    text its offset, for a global its role) and its memo index, -1 where there is none; of mark k the stack's height."""
    memo: Int64
    """int64[m]: values by index; 0 where there is none."""
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
    status = GOING
    while status == GOING:
        _hurry(text, base, writing, cursor, stack, memo, uses, out)
        status = _step(text, base, size, writing, cursor, stack, memo, uses, out)
    return TRAILING if status == DONE and cursor[AT] != size else status


@kernel
def _hurry(
    text: UInt8, base: int, writing: bool, cursor: Int64, stack: Int64, memo: Int64, uses: Int32, out: UInt8
) -> None:
    """Take the opcodes that most of a file consists of, up to one that `_step` must see: a loop that calls nothing."""
    at, height, position = cursor[AT] - base, cursor[HEIGHT], cursor[OUT]
    opcodes, memoized, marks = cursor[OPCODES], cursor[MEMOIZED], cursor[MARKS]
    last, most, full = len(text) - ROOM, len(stack) - 2, len(out) - ROOM if writing else 0
    while at <= last and 0 < marks < most and 1 < height < most and position <= full:
        opcode = text[at]
        length, slot, value = 1 + _LAYOUT[opcode], np.int64(-1), _PLAIN[opcode]
        pushes = 1
        if opcode == _SHORT_TEXT:
            length, value = 2 + np.int64(text[at + 1]), _value(_TEXT, 0, base + at)
        elif opcode == _BINGET:
            slot = np.int64(text[at + 1])
            value = memo[slot] if memo[slot] & _CLOSED or _PASSES_OPEN[memo[slot] & _KIND_BITS] else 0
            if writing and not 1 <= uses[slot] <= _SHORT_INDICES:
                break
            uses[slot] = max(uses[slot], value != 0)
        elif opcode == _MEMOIZE_OPCODE:
            if memoized >= len(memo) or memo[memoized] != 0 or stack[height - 1, _SLOT] >= 0:
                break
            if height == stack[marks - 1, _MARKED_AT] or (writing and uses[memoized]):
                break
            value, memo[memoized], stack[height - 1, _SLOT] = 1, stack[height - 1, _VALUE], memoized
            pushes, memoized = 0, memoized + 1
        elif opcode == _MARK_OPCODE:
            stack[marks, _MARKED_AT] = height
            value, pushes, marks = 1, 0, marks + 1
        if value == 0:
            break
        if pushes:
            stack[height, _VALUE], stack[height, _SLOT] = value, slot
        if writing and opcode != _MEMOIZE_OPCODE:
            for place in range(length):
                out[position + place] = text[at + place]
            if opcode == _BINGET:
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
    action = _ACTION[text[at]]
    content, stop = _argument(text, at, base, size, cursor)
    if stop < 0:
        return -stop
    if action == _GET:
        status = _get(_index(text, at, content, stop), writing, cursor, stack, memo, uses)
    elif action in (_MEMOIZE, _PUT):
        index = cursor[MEMOIZED] if action == _MEMOIZE else _index(text, at, content, stop)
        status = _put(index, cursor, stack, memo)
    else:
        status = _act(action, text[at], stop - content, base + at, cursor, stack, memo)
    if status > DONE:
        return status
    if writing and status == GOING:
        _write(text, at, content, stop, base, cursor, out)
    elif writing and _PUT <= action <= _GET:
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
    if at + ROOM > len(text) and base + len(text) < size:
        return NEED_BYTES
    if at >= len(text):
        return CUT_OFF
    if max(cursor[HEIGHT], cursor[MARKS]) + 2 > len(stack):
        return NEED_STACK
    if writing and cursor[OUT] + ROOM > len(out):
        return NEED_OUT
    if text[at] == _PROTO and at + 1 < len(text) and text[at + 1] > _LAST_PROTOCOL:
        return UNKNOWN
    return UNKNOWN if _ACTION[text[at]] == _REFUSED else GOING


@kernel
def _argument(text: UInt8, at: int, base: int, size: int, cursor: Int64) -> tuple[int, int]:
    """Where what follows an opcode begins and ends; (0, -status) where it does not end."""
    layout = _LAYOUT[text[at]]
    content = at + 1
    if layout < _COUNT1:
        stop = content + layout
    elif layout <= _COUNT8:
        width = 1 if layout == _COUNT1 else (4 if layout == _COUNT4 else 8)
        if content + width > len(text):
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
    if layout == _TEXT_LINE and cursor[LINE_END] > 0:
        return cursor[LINE_END] + 1 - base
    longest = INLINE_BYTES if layout == _TEXT_LINE else (_LONGEST_NUMBER if layout == _ONE_LINE else _LONGEST_NAME)
    stop = content
    for _ in range(2 if layout == _TWO_LINES else 1):
        last = min(stop + longest, len(text))
        while stop < last and text[stop] != _LINE_FEED:
            stop += 1
        if stop == last:
            if layout == _TEXT_LINE:
                cursor[FIRST] = base + content - 1
                return -LINE
            return -CUT_OFF if base + stop == size else -TOO_LONG
        stop += 1
    return stop


@kernel
def _act(action: int, opcode: int, length: int, opcode_at: int, cursor: Int64, stack: Int64, memo: Int64) -> int:
    """Do to the stack of kinds what the opcode does to values."""
    if action <= _PUSH_BYTES:
        return _push_plain(action, opcode, length, opcode_at, cursor, stack)
    if action <= _DICT_OF_MARK:
        return _push_container(action, opcode, cursor, stack, memo)
    if action <= _FILL_MARKED:
        return _fill(opcode, action == _FILL_MARKED, cursor, stack, memo)
    if action <= _NAME_OF_STACK:
        return _name(action, opcode_at, cursor, stack)
    if action < _STOP:
        return _call(action, cursor, stack, memo)
    return DONE if cursor[HEIGHT] == 1 and cursor[MARKS] == 0 else NOT_LIST


@kernel
def _value(kind: int, level: int, rest: int) -> int:
    return kind | level << _LEVEL_AT | rest << _REST_AT


@kernel
def _nodes(value: int) -> int:
    kind = value & _KIND_BITS
    return 1 if kind in (_TEXT, _GLOBAL) else value >> _REST_AT


@kernel
def _level(value: int) -> int:
    return value >> _LEVEL_AT & 127


@kernel
def _fence(cursor: Int64, stack: Int64) -> int:
    """Height of the stack at the last mark."""
    marks = cursor[MARKS]
    return stack[marks - 1, _MARKED_AT] if marks else 0


@kernel
def _free(cursor: Int64, stack: Int64) -> int:
    """Values above the last mark."""
    return cursor[HEIGHT] - _fence(cursor, stack)


@kernel
def _push(value: int, slot: int, cursor: Int64, stack: Int64) -> int:
    height = cursor[HEIGHT]
    if height == 0 and value & _KIND_BITS != _LIST:
        return NOT_LIST
    stack[height, _VALUE], stack[height, _SLOT] = value, slot
    cursor[HEIGHT] = height + 1
    return DROPPED if height == 0 else GOING


@kernel
def _take(place: int, stack: Int64, memo: Int64) -> int:
    """The value at a place of the stack, which is put somewhere: it may be read from the memo from now on."""
    value, slot = stack[place, _VALUE] | _CLOSED, stack[place, _SLOT]
    if slot >= 0:
        memo[slot] = value
    return value


@kernel
def _push_plain(action: int, opcode: int, length: int, opcode_at: int, cursor: Int64, stack: Int64) -> int:
    if action == _NOTHING:
        return DROPPED
    if action == _PUSH_TEXT:
        return _push(_value(_TEXT, 0, opcode_at), -1, cursor, stack)
    if action == _PUSH_INTEGER and length > (_INTEGER_BYTES if opcode == _LONG1 else _INTEGER_LINE):
        return INTEGER
    return _push(_value(_BYTES if action == _PUSH_BYTES else _ATOM, 0, 1), -1, cursor, stack)


@kernel
def _push_container(action: int, opcode: int, cursor: Int64, stack: Int64, memo: Int64) -> int:
    if action == _MARK:
        stack[cursor[MARKS], _MARKED_AT] = cursor[HEIGHT]
        cursor[MARKS] += 1
        return DROPPED if cursor[MARKS] == 1 and cursor[HEIGHT] <= 1 else GOING
    if action in (_PUSH_LIST, _PUSH_DICT, _PUSH_SET):
        kind = _LIST if action == _PUSH_LIST else (_DICT if action == _PUSH_DICT else _SET)
        return _push(_value(kind, 1, 1), -1, cursor, stack)
    if action == _TUPLE_OF_FEW:
        count = opcode - _TUPLE1 + 1 if opcode >= _TUPLE1 else 0
        return _push_tuple(count, cursor, stack, memo) if _free(cursor, stack) >= count else UNDERFLOW
    if cursor[MARKS] == 0:
        return UNDERFLOW
    count = _free(cursor, stack)
    cursor[MARKS] -= 1
    if cursor[MARKS] == 0 and cursor[HEIGHT] - count == 1:
        return NOT_LIST  # an item of the list that stands without a mark of the list's own: no prediction
    if action == _TUPLE_OF_MARK:
        return _push_tuple(count, cursor, stack, memo)
    if count:
        return TARGET
    return _push(_value(_LIST if action == _LIST_OF_MARK else _DICT, 1, 1), -1, cursor, stack)


@kernel
def _push_tuple(count: int, cursor: Int64, stack: Int64, memo: Int64) -> int:
    first = cursor[HEIGHT] - count
    level, nodes = 0, 1
    for place in range(first, cursor[HEIGHT]):
        value = _take(place, stack, memo)
        level, nodes = max(level, _level(value)), nodes + _nodes(value)
    fault = _limits(level + 1, nodes, cursor)
    if fault:
        return fault
    cursor[HEIGHT] = first
    return _push(_value(_TUPLE if count else _EMPTY, level + 1, nodes), -1, cursor, stack)


@kernel
def _limits(level: int, nodes: int, cursor: Int64) -> int:
    if level > MAX_LEVEL:
        return DEPTH
    return NODES if nodes > NODES_PER_OPCODE * cursor[OPCODES] + _FREE_NODES else 0


@kernel
def _fill(opcode: int, marked: bool, cursor: Int64, stack: Int64, memo: Int64) -> int:
    """Put values into a list, a dictionary or a set."""
    pairs = opcode in (_SETITEM, _SETITEMS)
    if marked and cursor[MARKS] == 0:
        return UNDERFLOW
    count = _free(cursor, stack) if marked else (2 if pairs else 1)
    if marked:
        cursor[MARKS] -= 1
    if _free(cursor, stack) < count + 1 or (pairs and count % 2):
        return UNDERFLOW
    first = cursor[HEIGHT] - count
    holder = stack[first - 1, _VALUE]
    kind = _DICT if pairs else (_LIST if opcode in (_APPEND, _APPENDS) else _SET)
    if holder & _KIND_BITS != kind:
        return TARGET
    if holder & _CLOSED:
        return GROWS
    level, nodes = _level(holder), _nodes(holder)
    for place in range(first, cursor[HEIGHT]):
        value, slot = stack[place, _VALUE] | _CLOSED, stack[place, _SLOT]  # `_take`, without the cost of a call
        if slot >= 0:
            memo[slot] = value
        if value & _KIND_BITS != _TEXT and (kind == _SET or (pairs and (place - first) % 2 == 0)):
            return KEY  # anything else may be slow to hash
        level, nodes = max(level, _level(value) + 1), nodes + _nodes(value)
    fault = _limits(level, nodes, cursor)
    if fault:
        return fault
    stack[first - 1, _VALUE] = _value(kind, level, nodes)
    cursor[HEIGHT] = first
    if first > 1:
        return GOING
    cursor[ITEMS] += count
    cursor[PENDING] += count
    return DROPPED


@kernel
def _index(text: UInt8, at: int, content: int, stop: int) -> int:
    """The memo index that follows an opcode; -1 where its line is no number."""
    if _LAYOUT[text[at]] != _ONE_LINE:
        return _number(text, content, stop - content)
    index = 0
    for place in range(content, stop - 1):
        if not _ZERO <= text[place] <= _NINE or place - content > 15:
            return -1
        index = index * 10 + text[place] - _ZERO
    return index if stop - content > 1 else -1


@kernel
def _put(index: int, cursor: Int64, stack: Int64, memo: Int64) -> int:
    """Remember the top of the stack; what the stream needs of it is written by `_write_put`."""
    if _free(cursor, stack) < 1:
        return UNDERFLOW
    if not 0 <= index <= cursor[OPCODES]:
        return MEMO_INDEX
    if index >= len(memo):
        cursor[FIRST] = index
        return NEED_MEMO
    if memo[index] != 0:
        return MEMO_TWICE
    top = cursor[HEIGHT] - 1
    memo[index], stack[top, _SLOT] = stack[top, _VALUE], index
    cursor[MEMOIZED] += 1
    return DROPPED


@kernel
def _get(index: int, writing: bool, cursor: Int64, stack: Int64, memo: Int64, uses: Int32) -> int:
    if not 0 <= index < len(memo) or memo[index] == 0:
        return MEMO_UNSET
    value = memo[index]
    kind = value & _KIND_BITS
    if not value & _CLOSED and not _PASSES_OPEN[kind]:
        return HOLDS_ITSELF
    if writing and not uses[index]:
        return CHANGED
    if not writing:
        uses[index] = 1
    fault = _push(value, index, cursor, stack)
    return fault if fault > CHUNK else DROPPED


@kernel
def _name(action: int, opcode_at: int, cursor: Int64, stack: Int64) -> int:
    """A global: what it may be used for is asked of the caller."""
    of_stack = action == _NAME_OF_STACK
    height = cursor[HEIGHT]
    if of_stack and (
        _free(cursor, stack) < 2
        or stack[height - 1, _VALUE] & _KIND_BITS != _TEXT
        or stack[height - 2, _VALUE] & _KIND_BITS != _TEXT
    ):
        return TARGET
    role = cursor[ROLE]
    if role == UNDECIDED:
        cursor[FIRST], cursor[SECOND] = opcode_at, -1
        if of_stack:
            cursor[FIRST], cursor[SECOND] = stack[height - 2, _VALUE] >> _REST_AT, stack[height - 1, _VALUE] >> _REST_AT
        return NAMES
    cursor[ROLE] = UNDECIDED
    if of_stack:
        cursor[HEIGHT] -= 2
    return _push(_value(_GLOBAL, 0, role), -1, cursor, stack)


@kernel
def _made_by(action: int, role: int, given_kind: int) -> int:
    """Kind of what a global makes of a tuple; 0 where its role does not allow it."""
    if action == _NEW:
        return _FRESH if role == CLASS and given_kind == _EMPTY else 0
    if given_kind not in (_TUPLE, _EMPTY):
        return 0
    if role == MAKES_BYTES:
        return _BYTES
    return _FRESH if role == MAKES_FRESH else (_BUILT if role == MAKES_VALUE else 0)


@kernel
def _call(action: int, cursor: Int64, stack: Int64, memo: Int64) -> int:
    """REDUCE, NEWOBJ and BUILD: only on what a role allows, only once."""
    if _free(cursor, stack) < 2:
        return UNDERFLOW
    place = cursor[HEIGHT] - 2
    subject, given = stack[place, _VALUE], stack[place + 1, _VALUE]
    kind, given_kind = subject & _KIND_BITS, given & _KIND_BITS
    level, nodes = max(_level(subject), _level(given)) + 1, _nodes(subject) + _nodes(given)
    if action == _BUILD:
        if kind != _FRESH or given_kind not in (_DICT, _TUPLE):
            return TARGET
        if subject & _CLOSED:
            return GROWS
        made = _BUILT
    else:
        made = _made_by(action, subject >> _REST_AT, given_kind) if kind == _GLOBAL else 0
        if made == 0:
            return TARGET
    fault = _limits(level, nodes, cursor)
    if fault:
        return fault
    _take(place + 1, stack, memo)
    stack[place, _VALUE] = _value(made, level, nodes)
    if action != _BUILD:
        stack[place, _SLOT] = -1
    cursor[HEIGHT] -= 1
    return GOING


@kernel
def _write(text: UInt8, at: int, content: int, stop: int, base: int, cursor: Int64, out: UInt8) -> None:
    """Copy an opcode; of long texts and bytes only where they lie."""
    position = cursor[OUT]
    if stop - content > INLINE_BYTES:
        out[position], out[position + 1] = _LONG1, _INTEGER_BYTES
        for byte in range(_INTEGER_BYTES):
            out[position + 2 + byte] = (base + at) >> (8 * byte) & 255
        out[position + 2 + _INTEGER_BYTES] = _BINPERSID
        cursor[OUT] += 3 + _INTEGER_BYTES
        return
    for place in range(at, stop):
        out[position + place - at] = text[place]
    cursor[OUT] += stop - at


@kernel
def _write_memo(action: int, cursor: Int64, stack: Int64, uses: Int32, out: UInt8) -> None:
    """Write what reads or remembers the top of the stack, under its index in the stream, if anything ever reads it."""
    top = cursor[HEIGHT] - 1
    index = uses[stack[top, _SLOT]] - 1
    if index < 0 or top == 0:
        return
    position = cursor[OUT]
    width = 1 if index < 256 else 4
    if action == _GET:
        out[position] = _BINGET if width == 1 else _LONG_BINGET
    else:
        out[position] = _BINPUT if width == 1 else _LONG_BINPUT
    for byte in range(width):
        out[position + 1 + byte] = index >> (8 * byte) & 255
    cursor[OUT] += 1 + width
