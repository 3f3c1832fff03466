"""What cannot be taken of a file, and the fields that are refused for what they are, whatever the format."""

from typing import Any

from schemas.rejects import Reason
from tasks.strict_json import unfit

_WORDS = {bool: "true or false", str: "text", list: "a list", dict: "an object", type(None): "null"}
_EXACT = 1 << 53


class Refused(Exception):  # noqa: N818 - says what happened to the record
    """A record cannot be taken: the reason's code and its text."""

    def __init__(self, code: Reason, text: str) -> None:
        """`text` says what was found and what is allowed."""
        super().__init__(text)
        self.code, self.text = code, text


def found(value: Any) -> str:
    """What `value` is, in words for a message."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return _WORDS[type(value)]


def is_number(value: Any) -> bool:
    """Whether `value` is a number: true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def check_fit(value: Any) -> None:
    """Refused where `value` holds a number or text that no record may hold."""
    fault = unfit(value)
    if fault:
        raise Refused(*fault)


def number(value: Any, name: str) -> float:
    """A finite number as float64."""
    if not is_number(value):
        raise Refused(Reason.WRONG_TYPE, f"{name} is {found(value)}, allowed is a finite number")
    return float(value)


def whole(value: Any, name: str, low: int, high: int, outside: Reason = Reason.OUT_OF_RANGE) -> int:
    """A whole number of low to high; 3.0 is one."""
    if not is_number(value) or (isinstance(value, float) and not value.is_integer()):
        raise Refused(Reason.WRONG_TYPE, f"{name} is {found(value)}, allowed is a whole number")
    if not low <= value <= high:
        raise Refused(outside, f"{name} is {found(value)}, allowed is {low} to {high}")
    return int(value)


def identifier(value: Any, name: str) -> str | None:
    """The text of an identifier, given as text or as a whole number of 64 bits; None where there is none."""
    if value is None or isinstance(value, str):
        return value
    if not is_number(value) or (isinstance(value, float) and not value.is_integer()):
        raise Refused(Reason.WRONG_TYPE, f"{name} is {found(value)}, allowed is text or a whole number")
    exact = abs(value) < _EXACT if isinstance(value, float) else -(1 << 63) <= value < 1 << 63
    if not exact:
        raise Refused(Reason.OUT_OF_RANGE, f"{name} is {found(value)}, allowed is a whole number of 64 bits")
    return str(int(value))


def needed(value: Any, name: str) -> Any:
    """The value of a field that must be there and not be null."""
    if value is None:
        raise Refused(Reason.MISSING_FIELD, f"{name} is missing")
    return value
