"""Opcodes of pickles: what each does to a stack of kinds, and the words that a walk over them is spoken of in.

Opcodes and their arguments: CPython 3.13, `Lib/pickletools.py`.
"""

import numpy as np

INLINE_BYTES = 4_096
"""Longer texts and bytes stay in the file."""
ROOM = INLINE_BYTES + 1_024
"""Bytes a window must hold from an opcode on, unless the file ends before: more than any opcode with what follows."""
CHUNK_ITEMS = 8_192
MAX_LEVEL = 32
"""Containers inside one another; a box of Encord's is 10 deep."""
NODES_PER_OPCODE = 20
"""Values per opcode when references are followed; a box of Encord's takes 101 opcodes for 39."""
FREE_NODES = 10_000
INTEGER_BYTES = 8
INTEGER_LINE = 22
"""Sign, 19 digits, the L of a long number, line feed."""
LONGEST_NUMBER = 64
LONGEST_NAME = 256

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
(
    AT, OPCODES, HEIGHT, MARKS, MEMOIZED, ITEMS, PENDING, OUT, FIRST, SECOND, ROLE, LINE_END,
    WINDOW, STACK_ROOM, MEMO_ROOM, OUT_ROOM,
) = range(16)  # fmt: skip
CURSOR_SIZE = 16

# what a global may be used for; 0 says that nobody was asked yet
UNDECIDED, CLASS, MAKES_FRESH, MAKES_VALUE, MAKES_BYTES, NAME_ONLY = range(6)

# kinds of values
ATOM, TEXT, BYTES, TUPLE, EMPTY, LIST, DICT, SET, FRESH, BUILT, GLOBAL = range(1, 12)
KIND_BITS, LEVEL_AT, CLOSED_AT, REST_AT = 255, 8, 15, 16
CLOSED = 1 << CLOSED_AT

# how the bytes after an opcode are laid out: 0..8 is a number of bytes
COUNT1, COUNT4, COUNT8, ONE_LINE, TWO_LINES, TEXT_LINE = range(9, 15)

# what an opcode does
(
    REFUSED, NOTHING, PUSH_ATOM, PUSH_INTEGER, PUSH_TEXT, PUSH_BYTES, MARK, TUPLE_OF_MARK, TUPLE_OF_FEW,
    PUSH_LIST, PUSH_DICT, PUSH_SET, LIST_OF_MARK, DICT_OF_MARK, FILL_ONE, FILL_MARKED, PUT, MEMOIZE, GET,
    NAME, NAME_OF_STACK, REDUCE, NEW, BUILD, STOP,
) = range(25)  # fmt: skip

RULES: dict[bytes, tuple[int, int]] = {
    b"\x80": (NOTHING, 1), b"\x95": (NOTHING, 8), b".": (STOP, 0), b"(": (MARK, 0),
    b"N": (PUSH_ATOM, 0), b"\x88": (PUSH_ATOM, 0), b"\x89": (PUSH_ATOM, 0),
    b"I": (PUSH_INTEGER, ONE_LINE), b"L": (PUSH_INTEGER, ONE_LINE), b"\x8a": (PUSH_INTEGER, COUNT1),
    b"J": (PUSH_ATOM, 4), b"K": (PUSH_ATOM, 1), b"M": (PUSH_ATOM, 2),
    b"F": (PUSH_ATOM, ONE_LINE), b"G": (PUSH_ATOM, 8),
    b"V": (PUSH_TEXT, TEXT_LINE), b"X": (PUSH_TEXT, COUNT4), b"\x8c": (PUSH_TEXT, COUNT1),
    b"\x8d": (PUSH_TEXT, COUNT8),
    b"B": (PUSH_BYTES, COUNT4), b"C": (PUSH_BYTES, COUNT1), b"\x8e": (PUSH_BYTES, COUNT8),
    b"\x96": (PUSH_BYTES, COUNT8),
    b")": (TUPLE_OF_FEW, 0), b"\x85": (TUPLE_OF_FEW, 0), b"\x86": (TUPLE_OF_FEW, 0), b"\x87": (TUPLE_OF_FEW, 0),
    b"t": (TUPLE_OF_MARK, 0), b"]": (PUSH_LIST, 0), b"}": (PUSH_DICT, 0), b"\x8f": (PUSH_SET, 0),
    b"l": (LIST_OF_MARK, 0), b"d": (DICT_OF_MARK, 0),
    b"a": (FILL_ONE, 0), b"s": (FILL_ONE, 0),
    b"e": (FILL_MARKED, 0), b"u": (FILL_MARKED, 0), b"\x90": (FILL_MARKED, 0),
    b"p": (PUT, ONE_LINE), b"q": (PUT, 1), b"r": (PUT, 4), b"\x94": (MEMOIZE, 0),
    b"g": (GET, ONE_LINE), b"h": (GET, 1), b"j": (GET, 4),
    b"c": (NAME, TWO_LINES), b"\x93": (NAME_OF_STACK, 0), b"R": (REDUCE, 0), b"\x81": (NEW, 0), b"b": (BUILD, 0),
}  # fmt: skip
"""(what it does, layout) of each opcode that a pickle of predictions may hold, at any protocol from 0 to 5."""
ACTION, LAYOUT = np.zeros(256, np.int64), np.zeros(256, np.int64)
for _opcode, (_action, _layout) in RULES.items():
    ACTION[_opcode[0]], LAYOUT[_opcode[0]] = _action, _layout

PLAIN = np.zeros(256, np.int64)
"""Value that an opcode pushes whatever stands in the file; 0 for those that push none, or not always the same."""
for _opcode, _kind in ((b"N\x88\x89JKMG", ATOM), (b")", EMPTY), (b"]", LIST), (b"}", DICT), (b"\x8f", SET)):
    for _byte in _opcode:
        PLAIN[_byte] = _kind | (_kind in (LIST, DICT, SET)) << LEVEL_AT | 1 << REST_AT
PASSES_OPEN = np.array([kind not in (LIST, DICT, SET, FRESH) for kind in range(GLOBAL + 1)])
"""Kinds that may be read from the memo before they are put anywhere: those that cannot grow."""
SHORT_TEXT, MEMOIZE_OPCODE, MARK_OPCODE, SHORT_INDICES = 0x8C, 0x94, b"("[0], 256

APPEND, SETITEM, APPENDS, SETITEMS = b"a"[0], b"s"[0], b"e"[0], b"u"[0]
TUPLE1, LINE_FEED, ZERO, NINE = 0x85, b"\n"[0], b"0"[0], b"9"[0]
PROTO, LAST_PROTOCOL = 0x80, 5
LONG1, BINPERSID, BINPUT, LONG_BINPUT, BINGET, LONG_BINGET = 0x8A, b"Q"[0], b"q"[0], b"r"[0], b"h"[0], b"j"[0]


VALUE, SLOT, MARKED_AT = range(3)
STACK_COLUMNS = 3
