"""The outline of a COCO file: what it is, and where its parts stand, found without reading them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.errors import InputError
from schemas.records import Source
from tasks.json_text import json_text
from tasks.kernels.json_brackets import DEPTH, IN_STRING, TOO_DEEP, skip_brackets
from tasks.kernels.json_bytes import PADDING, padded
from tasks.kernels.json_columns import OTHERS, STATUS, UNCLEAN, new_columns
from tasks.kernels.json_records import AT_END, ELEMENTS, scan_records
from tasks.kernels.json_skip import MAX_DEPTH
from tasks.strict_json import Malformed, check_utf8, decode

_CHUNK_BYTES = 1 << 20
_WINDOW_BYTES = 1 << 16
_BOM = b"\xef\xbb\xbf"
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SCALAR = re.compile(rb"[^ \t\r\n,\]}]*")


class Span(NamedTuple):
    """Bytes `start` to `stop` of a file."""

    start: int
    stop: int


class Elements(NamedTuple):
    """The elements of an array, as text; `clean` where none of them needs a second look."""

    text: bytes
    spans: npt.NDArray[np.int64]
    """(elements, 2): where each begins and ends in `text`."""
    clean: bool

    def one(self, row: int) -> bytes:
        """The text of one element."""
        start, end = self.spans[row].tolist()
        return self.text[start:end]


def fault(source: Source, position: int, message: str, hint: str | None = None) -> InputError:
    """The error for what stands at byte `position`."""
    return InputError(message, where=f"{source.name}, byte {position}", hint=hint)


def next_sign(source: Source, position: int) -> tuple[int, bytes]:
    """(position, byte) of the first sign from `position` on that is not white space; (size, b"") at the end."""
    for at in range(position, source.size, _WINDOW_BYTES):
        window = source.read(at, at + _WINDOW_BYTES)
        rest = window.lstrip(b" \t\r\n")
        if rest:
            return at + len(window) - len(rest), rest[:1]
    return source.size, b""


def opening(source: Source) -> tuple[int, bytes]:
    """(position, byte) of the bracket a file begins with. InputError where it is no JSON list or object."""
    if source.read(0, 3) == _BOM:
        hint = "save the file as UTF-8 without a byte order mark"
        raise fault(source, 0, "the file begins with a byte order mark, which JSON does not allow", hint)
    position, sign = next_sign(source, 0)
    if not sign:
        raise InputError("the file is empty", where=source.name, hint="was it written to the end?")
    if sign not in b"[{":
        hint = "COCO files are JSON: a list of results, or an object with images, annotations and categories"
        raise fault(source, position, f"not JSON: begins with {_shown(sign)}", hint)
    return position, sign


def _shown(sign: bytes) -> str:
    return repr(sign.decode("ascii", "backslashreplace")) if sign else "the end of the file"


def _expect(source: Source, position: int, allowed: bytes) -> tuple[int, bytes]:
    """`next_sign`, which must be one of `allowed`."""
    position, sign = next_sign(source, position)
    if not sign:
        raise fault(source, position, "the file is cut off", "was it written to the end?")
    if sign not in allowed:
        raise fault(source, position, f"not JSON: {_shown(sign)} where {allowed.decode()!r} is allowed")
    return position, sign


def value_span(source: Source, position: int) -> Span:
    """Where the value at `position`, inside one open bracket, stands; what is in it is not looked at."""
    position, sign = next_sign(source, position)
    if sign not in (b"{", b"[", b'"'):
        found = _SCALAR.match(source.read(position, position + _WINDOW_BYTES))
        assert found is not None, "the pattern matches nothing, too"
        return Span(position, position + found.end())
    state, space = np.zeros(2, np.int64), np.empty(_CHUNK_BYTES + PADDING, np.uint8)
    for at in range(position, source.size, _CHUNK_BYTES):
        padded_chunk, chunk = json_text(source, at, min(at + _CHUNK_BYTES, source.size), space)
        after = skip_brackets(padded_chunk, 0, len(chunk), MAX_DEPTH - 1, state)
        if after == TOO_DEEP:
            raise fault(source, position, f"brackets nested deeper than {MAX_DEPTH} in the value that begins here")
        if state[DEPTH] == 0 and state[IN_STRING] == 0:
            return Span(position, at + after)
    raise fault(source, source.size, "the file is cut off inside a value", f"the value begins at byte {position}")


def outline(source: Source, start: int) -> dict[str, Span]:
    """The keys of the object at `start`, which is the whole file, and where their values stand."""
    return dict(_members(source, start))


def _members(source: Source, start: int) -> Iterator[tuple[str, Span]]:
    seen: set[str] = set()
    position, sign = _expect(source, start + 1, b'"}')
    while sign != b"}":
        key, after = _key(source, position)
        if key in seen:
            raise fault(source, position, f"the file has the key {key!r} twice")
        seen.add(key)
        span = value_span(source, _expect(source, after, b":")[0] + 1)
        yield key, span
        position, sign = _expect(source, span.stop, b",}")
        if sign == b",":
            position, sign = _expect(source, position + 1, b'"')
    position, sign = next_sign(source, position + 1)
    if sign:
        raise fault(source, position, "not JSON: the object has ended, but the text goes on")


def _key(source: Source, position: int) -> tuple[str, int]:
    """(the key whose quote is at `position`, the position after it)."""
    found = _STRING.match(source.read(position, position + _WINDOW_BYTES))
    if found is None:
        raise fault(source, position, "not JSON: a key without its closing quote")
    text = found.group()
    try:
        check_utf8(text)
        return decode(text), position + found.end()
    except Malformed as malformed:
        raise malformed.at(source.name, position) from malformed


def _scan(source: Source, start: int, text: bytes, depth: int) -> tuple[npt.NDArray[np.int64], bool]:
    """(where the elements of a list without its brackets stand, whether all are clean)."""
    try:
        check_utf8(text)
    except Malformed as malformed:
        raise malformed.at(source.name, start) from malformed
    columns = new_columns(len(text))
    scan_records(padded(text), len(text), ELEMENTS, True, depth, columns)
    cursor = columns.cursor
    spans = columns.other[: cursor[OTHERS], 1:].copy()
    return spans, bool(cursor[STATUS] == AT_END and cursor[UNCLEAN] == 0)


def check_value(source: Source, span: Span) -> None:
    """InputError where a value is no JSON, whatever it says."""
    text = source.read(*span)
    _, clean = _scan(source, span.start, text, 1)
    if not clean:
        _decode_at(source, span.start, text)


def _decode_at(source: Source, start: int, text: bytes) -> object:
    try:
        return decode(text)
    except Malformed as malformed:
        raise malformed.at(source.name, start) from malformed


def elements(source: Source, span: Span) -> Elements:
    """The elements of the array that `span` is. InputError where it is no JSON."""
    text = source.read(*span)
    inner, closed = text[1:-1], text.endswith(b"]")
    if closed and not inner.strip(b" \t\r\n"):
        return Elements(text, np.empty((0, 2), np.int64), True)
    spans, sound = _scan(source, span.start + 1, inner, 2)
    clean = sound and closed
    found = Elements(text, spans + 1, clean)
    for row in range(0 if clean else len(spans)):
        _decode_at(source, span.start + int(found.spans[row, 0]), found.one(row))
    if not clean:
        _decode_at(source, span.start, text)
    return found
