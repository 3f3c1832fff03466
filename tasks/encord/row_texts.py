"""A file of label rows, taken apart into rows without reading what is in them: one row in memory at a time."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from schemas.errors import InputError
from schemas.records import Source
from tasks.kernels.json_brackets import DEPTH, IN_STRING, TOO_DEEP, skip_brackets
from tasks.kernels.json_bytes import padded
from tasks.kernels.json_skip import MAX_DEPTH

WINDOW_BYTES = 4 << 20
LARGEST_ROW = 1 << 30
"""Bytes of one row: more is a text without its closing quote, or nothing that would fit into memory once read."""
_BOM = b"\xef\xbb\xbf"
_SPACE = re.compile(rb"[ \t\r\n]*")


class RowText(NamedTuple):
    """A row as it stands in its file, from byte `start` on."""

    start: int
    text: bytes


class _Cursor:
    """A place in a file that moves forward, a window at a time."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._base = self._at = 0
        self._load()

    def _load(self) -> None:
        """The window from here on; empty at the end of the file."""
        self._base, self._at = self.position, 0
        self._window = self.source.read(self._base, self._base + WINDOW_BYTES)
        self._padded = padded(self._window)

    @property
    def position(self) -> int:
        """Byte in the file."""
        return self._base + self._at

    def fault(self, message: str, hint: str | None = None, position: int | None = None) -> InputError:
        """The error for what stands here."""
        where = f"{self.source.name}, byte {self.position if position is None else position}"
        return InputError(message, where=where, hint=hint)

    def sign(self) -> bytes:
        """Go to the next byte that is not white space; that byte, or nothing at the end of the file."""
        while True:
            space = _SPACE.match(self._window, self._at)
            assert space is not None, "the pattern matches nothing, too"
            self._at = space.end()
            if self._at < len(self._window) or not self._window:
                return self._window[self._at : self._at + 1]
            self._load()

    def step(self) -> None:
        """Past the byte that `sign` found."""
        self._at += 1

    def row(self, depth: int) -> RowText:
        """The bracketed value here, inside `depth` open brackets; the cursor stands behind it."""
        start, parts, state, size = self.position, [], np.zeros(2, np.int64), 0
        while size <= LARGEST_ROW:
            after = skip_brackets(self._padded, self._at, len(self._window), MAX_DEPTH - depth, state)
            if after == TOO_DEEP:
                raise self.fault(f"brackets nested deeper than {MAX_DEPTH} in the row that begins here", None, start)
            parts.append(self._window[self._at : after])
            size += len(parts[-1])
            self._at = after
            if state[DEPTH] == 0 and state[IN_STRING] == 0:
                return RowText(start, b"".join(parts))
            self._load()
            if not self._window:
                raise self.fault("the file is cut off inside a label row", f"the row begins at byte {start}")
        raise self.fault(f"a row of more than {LARGEST_ROW >> 20} MB, or a text without its closing quote", None, start)


def row_texts(source: Source) -> Iterator[RowText]:
    """The rows of a JSON list, of JSON lines, or the one row that the file is. InputError where there are none such.

    Only brackets and strings are looked at. An empty list gives no row.
    """
    if source.read(0, 3) == _BOM:
        hint = "save the file as UTF-8 without a byte order mark"
        raise InputError("a byte order mark, which JSON does not allow", where=f"{source.name}, byte 0", hint=hint)
    cursor = _Cursor(source)
    sign = cursor.sign()
    if sign == b"[":
        return _listed(cursor)
    if sign == b"{":
        return _one_after_another(cursor)
    if not sign:
        raise InputError("the file is empty", where=source.name, hint="was it written to the end?")
    raise cursor.fault(f"not JSON: begins with {_shown(sign)}", "label rows are a JSON list of objects")


def _listed(cursor: _Cursor) -> Iterator[RowText]:
    cursor.step()
    if cursor.sign() != b"]":
        yield _row(cursor, 1)
        while cursor.sign() == b",":
            cursor.step()
            cursor.sign()
            yield _row(cursor, 1)
    if not cursor.sign():
        raise cursor.fault("the file is cut off: its list of label rows has no end", "was it written to the end?")
    if cursor.sign() != b"]":
        raise cursor.fault(f"not JSON: {_shown(cursor.sign())} where ',' or ']' is allowed")
    cursor.step()
    if cursor.sign():
        raise cursor.fault("not JSON: the list of label rows has ended, but the text goes on")


def _one_after_another(cursor: _Cursor) -> Iterator[RowText]:
    while cursor.sign():
        yield _row(cursor, 0)


def _row(cursor: _Cursor, depth: int) -> RowText:
    sign = cursor.sign()
    if not sign:
        raise cursor.fault("the file is cut off: its list of label rows has no end", "was it written to the end?")
    if sign != b"{":
        raise cursor.fault(f"{_shown(sign)} where a label row, an object, must begin")
    return cursor.row(depth)


def _shown(sign: bytes) -> str:
    return repr(sign.decode("ascii", "backslashreplace"))
