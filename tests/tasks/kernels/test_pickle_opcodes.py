"""The walk over opcodes: what it asks for, what it writes, and that its table of opcodes is Python's."""

import pickletools

import numpy as np
import pytest

from tasks.kernels import pickle_words as words
from tasks.kernels.pickle_opcodes import Machine, walk


def machine(room: int = 256, out: int = 8_192) -> Machine:
    """A machine with room for so much."""
    return Machine(
        np.zeros(words.CURSOR_SIZE, np.int64),
        np.zeros(room * words.STACK_COLUMNS, np.int64),
        np.zeros(256, np.int64),
        np.zeros(256, np.int32),
        np.zeros(out, np.uint8),
    )


def status(content: bytes, known: Machine | None = None, writing: bool = False, size: int = 0) -> int:
    """What a walk over a whole file, or over its beginning, ends with."""
    window = np.frombuffer(content, np.uint8)
    return walk(window, 0, size or len(content), writing, machine() if known is None else known)


LAYOUTS = {
    "uint1": 1, "uint2": 2, "uint4": 4, "int4": 4, "uint8": 8, "float8": 8,
    "string1": words.COUNT1, "unicodestring1": words.COUNT1, "bytes1": words.COUNT1, "long1": words.COUNT1,
    "unicodestring4": words.COUNT4, "bytes4": words.COUNT4,
    "unicodestring8": words.COUNT8, "bytes8": words.COUNT8, "bytearray8": words.COUNT8,
    "decimalnl_short": words.ONE_LINE, "decimalnl_long": words.ONE_LINE, "floatnl": words.ONE_LINE,
    "unicodestringnl": words.TEXT_LINE, "stringnl_noescape_pair": words.TWO_LINES,
}  # fmt: skip
"""How Python calls what follows an opcode."""


@pytest.mark.parametrize("code", words.RULES)
def test_arguments_are_laid_out_as_python_says(code: bytes) -> None:
    """For every opcode that is taken."""
    opcode = next(known for known in pickletools.opcodes if known.code.encode("latin-1") == code)
    assert words.RULES[code][1] == (LAYOUTS[opcode.arg.name] if opcode.arg else 0)


def test_a_whole_file_is_walked_to_its_end() -> None:
    """Items are counted, the memo is noted: what is read of it, and what is not."""
    known = machine()
    content = b"\x80\x04](\x8c\x01a\x94N\x94h\x00e."
    assert status(content, known) == words.DONE
    assert known.cursor[[words.ITEMS, words.OPCODES, words.AT]].tolist() == [3, 10, len(content)]
    assert known.uses[:3].tolist() == [1, 0, 0]


def test_what_is_written_is_the_items_alone() -> None:
    """Without the list around them, with memo entries renumbered, and only those that are read."""
    known = machine()
    known.uses[1] = 1
    assert status(b"\x80\x04](N\x94\x8c\x01a\x94h\x01e.", known, writing=True) == words.DONE
    assert known.out[: known.cursor[words.OUT]].tobytes() == b"N\x8c\x01aq\x00h\x00"


def test_long_bytes_are_written_as_their_place() -> None:
    """A persistent id: the offset of the opcode, in 8 bytes."""
    known = machine()
    assert status(b"](B" + (5_000).to_bytes(4, "little") + b"x" * 5_000 + b"e.", known, writing=True) == words.DONE
    assert known.out[: known.cursor[words.OUT]].tobytes() == b"\x8a\x08\x02" + bytes(7) + b"Q"


def test_a_window_that_ends_before_the_file_is_asked_for_more() -> None:
    """Before an opcode that may not be whole."""
    known = machine(10_000)
    assert status(b"](" + b"N" * 6_000, known, size=9_000) == words.NEED_BYTES
    assert 6_002 - words.ROOM <= known.cursor[words.AT] <= 6_002


def test_more_room_is_asked_for() -> None:
    """For values and marks, for the memo, and for what is written."""
    assert status(b"](" + b"N" * 300 + b"e.") == words.NEED_STACK
    assert status(b"](" + b"(" * 300 + b"e.") == words.NEED_STACK
    assert status(b"](" + b"N\x94" * 257 + b"e.", machine(1_000)) == words.NEED_MEMO
    assert status(b"](" + b"N" * 300 + b"e.", machine(1_000, 100), writing=True) == words.NEED_OUT


def test_names_are_asked_about() -> None:
    """By the offsets of their two texts, or of the opcode that holds both; the answer says what they are for."""
    known = machine()
    content = b"](\x8c\x01m\x8c\x01n\x93)\x81e."
    assert status(content, known) == words.NAMES
    assert known.cursor[[words.FIRST, words.SECOND]].tolist() == [2, 5]
    known.cursor[words.ROLE] = words.CLASS
    assert status(content, known) == words.DONE
    known = machine()
    assert status(b"](cm\nn\n)\x81e.", known) == words.NAMES
    assert known.cursor[[words.FIRST, words.SECOND]].tolist() == [2, -1]
    known.cursor[words.ROLE] = words.NAME_ONLY
    assert status(b"](cm\nn\n)\x81e.", known) == words.TARGET


def test_a_long_line_is_asked_about() -> None:
    """Its end may lie in another window."""
    known = machine()
    content = b"](V" + b"a" * 6_000 + b"\ne."
    assert status(content, known) == words.LINE
    assert known.cursor[words.FIRST] == 2
    known.cursor[words.LINE_END] = 6_003
    assert status(content, known) == words.DONE


def test_parts_end_where_the_items_are_whole() -> None:
    """After as many items as a part has, and only when it is written."""
    batch = b"(" + b"N" * words.CHUNK_ITEMS + b"e"
    known = machine(10_000, 20_000)
    assert status(b"]" + batch + b"(Ne.", known) == words.DONE
    known = machine(10_000, 20_000)
    assert status(b"]" + batch + b"(Ne.", known, writing=True) == words.CHUNK
    assert known.cursor[words.PENDING] == words.CHUNK_ITEMS
    assert known.out[: known.cursor[words.OUT]].tobytes() == b"N" * words.CHUNK_ITEMS


def test_nothing_is_cut_off() -> None:
    """A file of no bytes has no opcode."""
    assert status(b"") == words.CUT_OFF
