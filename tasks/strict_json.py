"""JSON text to Python values to the letter of RFC 8259, with the place of what is wrong.

NaN and Infinity are let through: Python's own writer puts them into records, and a record is refused alone.
"""

import json
import math
from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np

from schemas.errors import InputError
from schemas.rejects import Reason

_FIRST_BEYOND_ASCII = 0x80


class Malformed(Exception):  # noqa: N818 - says what the text is
    """What is no JSON, and at which byte of the text it is found."""

    def __init__(self, message: str, offset: int, hint: str | None = None) -> None:
        """`offset` counts bytes from the beginning of the text that was read."""
        super().__init__(message)
        self.message, self.offset, self.hint = message, offset, hint

    def at(self, name: str, start: int) -> InputError:
        """The error for the file `name`, in which the text begins at byte `start`."""
        return InputError(self.message, where=f"{name}, byte {start + self.offset}", hint=self.hint)


class _TwiceError(Exception):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _TwiceError(next(key for k, key in enumerate(keys) if key in keys[:k]))
    return found


def _integer(text: str) -> int | float:
    """Whole numbers as they are; minus zero, and what no identifier can be, as a float."""
    return float(text) if len(text) > 20 or text == "-0" else int(text)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer)


def check_utf8(text: bytes | memoryview) -> None:
    """Malformed at the first byte that is not UTF-8."""
    if not text or np.frombuffer(text, np.uint8).max() < _FIRST_BEYOND_ASCII:  # and not `isascii`, which keeps the lock
        return
    try:
        str(text, "utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8: byte {text[error.start]:#04x}", error.start, "save the file as UTF-8") from error


def decode(text: bytes | memoryview) -> Any:
    """The value that `text`, valid UTF-8 nested no deeper than 64, spells. Malformed where it spells none.

    Numbers beyond float64 become infinite, as Python's `float` has it.
    """
    characters = str(text, "utf-8")
    try:
        return _DECODER.decode(characters)
    except json.JSONDecodeError as error:
        message = f"not JSON: {error.msg[0].lower()}{error.msg[1:]}"
        raise Malformed(message, len(characters[: error.pos].encode())) from error
    except _TwiceError as error:
        raise Malformed(f"an object has the key {str(error)!r} twice", 0) from error


def unfit(value: Any, where: str = "") -> tuple[Reason, str] | None:
    """What no record may hold, and where: a number that is not finite, or text that no table can hold."""
    name = where or "the record"
    if isinstance(value, float):
        return None if math.isfinite(value) else (Reason.NOT_FINITE, f"{name} is {value}, allowed is a finite number")
    if isinstance(value, str):
        return _unfit_text(value, name)
    faults: Iterator[tuple[Reason, str] | None] = iter(())
    if isinstance(value, dict):
        keys = (_unfit_text(key, f"a key of {name}") for key in value)
        faults = chain(keys, (unfit(item, f"{where}.{key}" if where else key) for key, item in value.items()))
    elif isinstance(value, list):
        faults = (unfit(item, f"{where}[{k}]") for k, item in enumerate(value))
    return next((fault for fault in faults if fault), None)


def _unfit_text(text: str, name: str) -> tuple[Reason, str] | None:
    if "\0" in text:
        return Reason.WRONG_TYPE, f"{name} holds a NUL character, allowed is text"
    if any("\ud800" <= character <= "\udfff" for character in text):
        return Reason.WRONG_TYPE, f"{name} holds half of a surrogate pair, allowed is text"
    return None
