"""JSON files that are read whole: ontologies, mappings, lists of data units, scenes."""

from typing import Any

import numpy as np

from schemas.errors import InputError
from schemas.records import Source
from tasks.kernels.json_brackets import TOO_DEEP, skip_brackets
from tasks.kernels.json_bytes import padded
from tasks.kernels.json_skip import MAX_DEPTH
from tasks.strict_json import Malformed, check_utf8, decode, unfit

LARGEST = 256 << 20
_BOM = b"\xef\xbb\xbf"


def read_json(source: Source, what: str) -> Any:
    """The value of a file, `what` by name, to the letter of RFC 8259 and without a key twice in one object.

    InputError, with the byte where there is one, for all else: brackets nested too deep, NaN, NUL in a text.
    """
    value = decoded(source, what)
    fault = unfit(value)
    if fault:
        raise InputError(fault[1], where=source.name)
    return value


def decoded(source: Source, what: str) -> Any:
    """The same, but for NaN and texts that no table can hold: for files whose records are refused one by one."""
    if source.size > LARGEST:
        hint = f"{what} of more than {LARGEST >> 20} MB is not read"
        raise InputError(f"the file has {source.size} bytes", where=source.name, hint=hint)
    text = source.read()
    try:
        _check_text(text)
        return decode(text)
    except Malformed as malformed:
        raise malformed.at(source.name, 0) from malformed


def _check_text(text: bytes) -> None:
    if text.startswith(_BOM):
        raise Malformed("a byte order mark, which JSON does not allow", 0, "save the file as UTF-8 without it")
    check_utf8(text)
    start = len(text) - len(text.lstrip(b" \t\r\n"))
    if text[start : start + 1] in (b"{", b"["):
        after = skip_brackets(padded(text), start, len(text), MAX_DEPTH, np.zeros(2, np.int64))
        if after == TOO_DEEP:
            raise Malformed(f"brackets nested deeper than {MAX_DEPTH}", start)
