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

_APPEND, _SETITEM, _APPENDS, _SETITEMS = b"a"[0], b"s"[0], b"e"[0], b"u"[0]
_TUPLE1, _LINE_FEED, _ZERO, _NINE = 0x85, b"\n"[0], b"0"[0], b"9"[0]
_PROTO, _LAST_PROTOCOL = 0x80, 5
_LONG1, _BINPERSID, _BINPUT, _LONG_BINPUT, _BINGET, _LONG_BINGET = 0x8A, b"Q"[0], b"q"[0], b"r"[0], b"h"[0], b"j"[0]


class Machine(NamedTuple):
    """What a walk knows between two windows of a file."""

    cursor: Int64
    """int64[CURSOR_SIZE]: AT the file offset of the next opcode; for NAMES, FIRST and SECOND the offsets of the two
    texts (SECOND is -1 where both follow the opcode at FIRST), to be answered in ROLE; for LINE, FIRST the opcode of a
    long line, to be answered in LINE_END with the offset of its line feed."""
    stack: Int64
    """Values: kind, level, whether put somewhere, and its nodes, or for a text its offset, for a global its role."""
    slots: Int32
    """Memo index of each value of the stack; -1 where it has none."""
    marks: Int64
    """Heights of the stack at the marks that are open; as long as `stack`."""
    memo: Int64
    """Values by index; 0 where there is none."""
    used: UInt8
    """Whether the index is ever read; as long as `memo`."""
    renumbered: Int32
    """Index in the stream that is written; as long as `memo`."""
    out: UInt8
    """The stream that is written; OUT bytes of it are filled."""


@kernel
def walk(text: UInt8, base: int, size: int, writing: bool, machine: Machine) -> int:
    """Walk on from AT through `text`, the bytes of the file from `base` on; `size` is the file's. Return a status.

    `text` must not be writeable. Without `writing` the walk notes which memo entries are used; with it, `out` gets the
    stream. CHUNK says that the items of the list so far are in the stream and whole. A fault stands at AT.
    """
    status = GOING
    while status == GOING:
        status = _step(text, base, size, writing, machine)
    return status


@kernel
def _step(text: UInt8, base: int, size: int, writing: bool, machine: Machine) -> int:
    cursor = machine.cursor
    at = cursor[AT] - base
    if at + ROOM > len(text) and base + len(text) < size:
        return NEED_BYTES
    if at >= len(text):
        return CUT_OFF
    if cursor[HEIGHT] + 2 > len(machine.stack) or cursor[MARKS] + 2 > len(machine.marks):
        return NEED_STACK
    if writing and cursor[OUT] + ROOM > len(machine.out):
        return NEED_OUT
    opcode = text[at]
    if _ACTION[opcode] == _REFUSED or (opcode == _PROTO and at + 1 < len(text) and text[at + 1] > _LAST_PROTOCOL):
        return UNKNOWN
    content, stop = _argument(text, at, base, size, cursor)
    if stop < 0:
        return -stop
    status = _act(text, at, content, stop, base, size, writing, machine)
    if status > CHUNK and status != DONE:
        return status
    if writing and status == GOING:
        _write(text, at, content, stop, base, machine)
    cursor[AT] = base + stop
    cursor[OPCODES] += 1
    cursor[LINE_END] = 0
    return GOING if status == DROPPED else status


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
        value |= np.int64(text[start + byte]) << (8 * byte)
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
def _act(
    text: UInt8, at: int, content: int, stop: int, base: int, size: int, writing: bool, machine: Machine
) -> int:
    """Do to the stack of kinds what the opcode does to values."""
    action = _ACTION[text[at]]
    if action == _GET:
        return _get(_index(text, at, content, stop), writing, machine)
    if action == _MEMOIZE:
        return _put(machine.cursor[MEMOIZED], writing, machine)
    if action <= _PUSH_BYTES:
        return _push_plain(action, text[at], stop - content, base + at, machine)
    if action <= _DICT_OF_MARK:
        return _push_container(action, text[at], machine)
    if action == _FILL_ONE or action == _FILL_MARKED:
        return _fill(text[at], action == _FILL_MARKED, writing, machine)
    if action == _PUT:
        return _put(_index(text, at, content, stop), writing, machine)
    if action <= _NAME_OF_STACK:
        return _name(action, base + at, machine)
    if action < _STOP:
        return _call(action, machine)
    if machine.cursor[HEIGHT] != 1 or machine.cursor[MARKS] != 0:
        return NOT_LIST
    return DONE if base + stop == size else TRAILING


@kernel
def _value(kind: int, level: int, rest: int) -> int:
    return kind | level << _LEVEL_AT | rest << _REST_AT


@kernel
def _nodes(value: int) -> int:
    kind = value & _KIND_BITS
    return 1 if kind == _TEXT or kind == _GLOBAL else value >> _REST_AT


@kernel
def _level(value: int) -> int:
    return value >> _LEVEL_AT & 127


@kernel
def _free(machine: Machine) -> int:
    """Values above the last mark."""
    marks = machine.cursor[MARKS]
    return machine.cursor[HEIGHT] - (machine.marks[marks - 1] if marks else 0)


@kernel
def _push(value: int, slot: int, machine: Machine) -> int:
    height = machine.cursor[HEIGHT]
    if height == 0 and value & _KIND_BITS != _LIST:
        return NOT_LIST
    machine.stack[height], machine.slots[height] = value, slot
    machine.cursor[HEIGHT] = height + 1
    return DROPPED if height == 0 else GOING


@kernel
def _take(place: int, machine: Machine) -> int:
    """The value at a place of the stack, which is put somewhere: it may be read from the memo from now on."""
    value, slot = machine.stack[place] | _CLOSED, machine.slots[place]
    if slot >= 0:
        machine.memo[slot] = value
    return value


@kernel
def _push_plain(action: int, opcode: int, length: int, opcode_at: int, machine: Machine) -> int:
    if action == _NOTHING:
        return DROPPED
    if action == _PUSH_TEXT:
        return _push(_value(_TEXT, 0, opcode_at), -1, machine)
    if action == _PUSH_INTEGER and length > (_INTEGER_BYTES if opcode == _LONG1 else _INTEGER_LINE):
        return INTEGER
    return _push(_value(_BYTES if action == _PUSH_BYTES else _ATOM, 0, 1), -1, machine)


@kernel
def _push_container(action: int, opcode: int, machine: Machine) -> int:
    cursor = machine.cursor
    if action == _MARK:
        machine.marks[cursor[MARKS]] = cursor[HEIGHT]
        cursor[MARKS] += 1
        return DROPPED if cursor[MARKS] == 1 and cursor[HEIGHT] <= 1 else GOING
    if action == _PUSH_LIST or action == _PUSH_DICT or action == _PUSH_SET:
        kind = _LIST if action == _PUSH_LIST else (_DICT if action == _PUSH_DICT else _SET)
        return _push(_value(kind, 1, 1), -1, machine)
    if action == _TUPLE_OF_FEW:
        count = opcode - _TUPLE1 + 1 if opcode >= _TUPLE1 else 0
        return _push_tuple(count, machine) if _free(machine) >= count else UNDERFLOW
    if cursor[MARKS] == 0:
        return UNDERFLOW
    count = _free(machine)
    cursor[MARKS] -= 1
    if cursor[MARKS] == 0 and cursor[HEIGHT] - count == 1:
        return NOT_LIST  # an item of the list that stands without a mark of the list's own: no prediction
    if action == _TUPLE_OF_MARK:
        return _push_tuple(count, machine)
    if count:
        return TARGET
    return _push(_value(_LIST if action == _LIST_OF_MARK else _DICT, 1, 1), -1, machine)


@kernel
def _push_tuple(count: int, machine: Machine) -> int:
    cursor = machine.cursor
    first = cursor[HEIGHT] - count
    level, nodes = 0, 1
    for place in range(first, cursor[HEIGHT]):
        value = _take(place, machine)
        level, nodes = max(level, _level(value)), nodes + _nodes(value)
    fault = _limits(level + 1, nodes, cursor)
    if fault:
        return fault
    cursor[HEIGHT] = first
    return _push(_value(_TUPLE if count else _EMPTY, level + 1, nodes), -1, machine)


@kernel
def _limits(level: int, nodes: int, cursor: Int64) -> int:
    if level > MAX_LEVEL:
        return DEPTH
    return NODES if nodes > NODES_PER_OPCODE * cursor[OPCODES] + _FREE_NODES else 0


@kernel
def _fill(opcode: int, marked: bool, writing: bool, machine: Machine) -> int:
    """Put values into a list, a dictionary or a set."""
    cursor = machine.cursor
    pairs = opcode == _SETITEM or opcode == _SETITEMS
    if marked and cursor[MARKS] == 0:
        return UNDERFLOW
    count = _free(machine) if marked else (2 if pairs else 1)
    if marked:
        cursor[MARKS] -= 1
    if _free(machine) < count + 1 or (pairs and count % 2):
        return UNDERFLOW
    first = cursor[HEIGHT] - count
    holder = machine.stack[first - 1]
    kind = _DICT if pairs else (_LIST if opcode == _APPEND or opcode == _APPENDS else _SET)
    if holder & _KIND_BITS != kind:
        return TARGET
    if holder & _CLOSED:
        return GROWS
    level, nodes = _level(holder), _nodes(holder)
    for place in range(first, cursor[HEIGHT]):
        value = _take(place, machine)
        if value & _KIND_BITS != _TEXT and (kind == _SET or (pairs and (place - first) % 2 == 0)):
            return KEY  # anything else may be slow to hash
        level, nodes = max(level, _level(value) + 1), nodes + _nodes(value)
    fault = _limits(level, nodes, cursor)
    if fault:
        return fault
    machine.stack[first - 1] = _value(kind, level, nodes)
    cursor[HEIGHT] = first
    if first > 1:
        return GOING
    cursor[ITEMS] += count
    cursor[PENDING] += count
    return CHUNK if writing and cursor[PENDING] >= CHUNK_ITEMS else DROPPED


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
def _put(index: int, writing: bool, machine: Machine) -> int:
    cursor = machine.cursor
    if _free(machine) < 1:
        return UNDERFLOW
    if not 0 <= index <= cursor[OPCODES]:
        return MEMO_INDEX
    if index >= len(machine.memo):
        cursor[FIRST] = index
        return NEED_MEMO
    if machine.memo[index] != 0:
        return MEMO_TWICE
    top = cursor[HEIGHT] - 1
    machine.memo[index], machine.slots[top] = machine.stack[top], index
    cursor[MEMOIZED] += 1
    if writing and machine.used[index] and top > 0:
        _write_memo(_BINPUT, _LONG_BINPUT, machine.renumbered[index], machine)
    return DROPPED


@kernel
def _get(index: int, writing: bool, machine: Machine) -> int:
    if not 0 <= index < len(machine.memo) or machine.memo[index] == 0:
        return MEMO_UNSET
    value = machine.memo[index]
    kind = value & _KIND_BITS
    if not value & _CLOSED and (_LIST <= kind <= _SET or kind == _FRESH):
        return HOLDS_ITSELF
    if writing and not machine.used[index]:
        return CHANGED
    machine.used[index] = 1
    if writing:
        _write_memo(_BINGET, _LONG_BINGET, machine.renumbered[index], machine)
    fault = _push(value, index, machine)
    return fault if fault > CHUNK else DROPPED


@kernel
def _name(action: int, opcode_at: int, machine: Machine) -> int:
    """A global: what it may be used for is asked of the caller."""
    cursor = machine.cursor
    of_stack = action == _NAME_OF_STACK
    height = cursor[HEIGHT]
    if of_stack and (
        _free(machine) < 2
        or machine.stack[height - 1] & _KIND_BITS != _TEXT
        or machine.stack[height - 2] & _KIND_BITS != _TEXT
    ):
        return TARGET
    role = cursor[ROLE]
    if role == UNDECIDED:
        cursor[FIRST], cursor[SECOND] = opcode_at, -1
        if of_stack:
            cursor[FIRST], cursor[SECOND] = machine.stack[height - 2] >> _REST_AT, machine.stack[height - 1] >> _REST_AT
        return NAMES
    cursor[ROLE] = UNDECIDED
    if of_stack:
        cursor[HEIGHT] -= 2
    return _push(_value(_GLOBAL, 0, role), -1, machine)


@kernel
def _made_by(action: int, role: int, given_kind: int) -> int:
    """Kind of what a global makes of a tuple; 0 where its role does not allow it."""
    if action == _NEW:
        return _FRESH if role == CLASS and given_kind == _EMPTY else 0
    if not (given_kind == _TUPLE or given_kind == _EMPTY):
        return 0
    if role == MAKES_BYTES:
        return _BYTES
    return _FRESH if role == MAKES_FRESH else (_BUILT if role == MAKES_VALUE else 0)


@kernel
def _call(action: int, machine: Machine) -> int:
    """REDUCE, NEWOBJ and BUILD: only on what a role allows, only once."""
    cursor = machine.cursor
    if _free(machine) < 2:
        return UNDERFLOW
    place = cursor[HEIGHT] - 2
    subject, given = machine.stack[place], machine.stack[place + 1]
    kind, given_kind = subject & _KIND_BITS, given & _KIND_BITS
    level, nodes = max(_level(subject), _level(given)) + 1, _nodes(subject) + _nodes(given)
    if action == _BUILD:
        if kind != _FRESH or not (given_kind == _DICT or given_kind == _TUPLE):
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
    _take(place + 1, machine)
    machine.stack[place] = _value(made, level, nodes)
    if action != _BUILD:
        machine.slots[place] = -1
    cursor[HEIGHT] -= 1
    return GOING


@kernel
def _write(text: UInt8, at: int, content: int, stop: int, base: int, machine: Machine) -> None:
    """Copy an opcode; of long texts and bytes only where they lie."""
    out, position = machine.out, machine.cursor[OUT]
    if stop - content > INLINE_BYTES:
        out[position], out[position + 1] = _LONG1, _INTEGER_BYTES
        for byte in range(_INTEGER_BYTES):
            out[position + 2 + byte] = (base + at) >> (8 * byte) & 255
        out[position + 2 + _INTEGER_BYTES] = _BINPERSID
        machine.cursor[OUT] += 3 + _INTEGER_BYTES
        return
    for place in range(at, stop):
        out[position + place - at] = text[place]
    machine.cursor[OUT] += stop - at


@kernel
def _write_memo(short: int, long: int, index: int, machine: Machine) -> None:
    out, position = machine.out, machine.cursor[OUT]
    width = 1 if index < 256 else 4
    out[position] = short if width == 1 else long
    for byte in range(width):
        out[position + 1 + byte] = index >> (8 * byte) & 255
    machine.cursor[OUT] += 1 + width
