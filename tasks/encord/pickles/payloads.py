"""Texts and bytes of a pickle that are read where they lie in the file."""

import re

from schemas.errors import InputError
from schemas.records import Source

_COUNT_BYTES = {b"X": 4, b"B": 4, b"\x8c": 1, b"C": 1, b"\x8d": 8, b"\x8e": 8, b"\x96": 8}
_BYTES = frozenset({b"B", b"C", b"\x8e", b"\x96"})
_GLOBAL, _LINE_TEXT = b"c", b"V"
_BLOCK_BYTES = 1 << 20
_LONGEST_NAME = 512


def read_line_end(source: Source, start: int) -> int:
    """Offset of the first line feed from `start` on; InputError where there is none."""
    for at in range(start, source.size, _BLOCK_BYTES):
        found = source.read(at, at + _BLOCK_BYTES).find(b"\n")
        if found >= 0:
            return at + found
    raise InputError("the file is cut off inside an opcode", where=f"{source.name}, byte {start - 1}")


def payload_span(source: Source, at: int) -> tuple[int, int]:
    """Where the text or bytes of the opcode at `at` begin and end."""
    opcode = source.read(at, at + 1)
    if opcode == _LINE_TEXT:
        return at + 1, read_line_end(source, at + 1)
    width = _COUNT_BYTES[opcode]
    start = at + 1 + width
    return start, start + int.from_bytes(source.read(at + 1, start), "little")


def payload_bytes(source: Source, at: int) -> bytes:
    """The bytes of the opcode at `at`; of a text, those that it stands for in Latin-1, as protocols 0 to 2 write bytes.

    InputError where the text has other characters.
    """
    opcode = source.read(at, at + 1)
    content = source.read(*payload_span(source, at))
    if opcode in _BYTES:
        return content
    coding = "raw-unicode-escape" if opcode == _LINE_TEXT else "utf-8"
    try:
        return content.decode(coding).encode("latin-1")
    except (UnicodeDecodeError, UnicodeEncodeError) as error:
        where = f"{source.name}, byte {at}"
        raise InputError(f"bytes written as text hold what is no byte: {error.reason}", where=where) from error


def read_names(source: Source, first: int, second: int) -> tuple[str, str]:
    """(module, name) of a global: both behind the opcode at `first`, or the texts at `first` and `second`."""
    if second < 0:
        module, name = re.split(b"\n", source.read(first + 1, first + 1 + _LONGEST_NAME))[:2]
        return module.decode("utf-8", "replace"), name.decode("utf-8", "replace")
    return _short_text(source, first), _short_text(source, second)


def _short_text(source: Source, at: int) -> str:
    start, stop = payload_span(source, at)
    return source.read(start, min(stop, start + _LONGEST_NAME)).decode("utf-8", "replace")
