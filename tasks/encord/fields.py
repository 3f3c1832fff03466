"""Fields of what Encord writes, checked one by one: the value, or Refused with what was found and what is allowed."""

from collections.abc import Iterable, Mapping
from typing import Any

from schemas.rejects import Reason
from tasks.refusals import Refused, found, is_number, whole

Record = Mapping[str, Any]

LARGEST_FRAME = 10_000_000
"""Frames of a video: 92 hours at 30 a second. Each is a data unit, so one wrong number must not make billions."""
LONGEST_SIDE_PX = (1 << 31) - 1
LONGEST_RANGE_MS = (1 << 31) - 1
_NUMBERS = {int, float}


def mapping(value: Any, name: str) -> Record:
    """A JSON object."""
    if not isinstance(value, dict):
        raise Refused(Reason.WRONG_TYPE, f"{name} is {found(value)}, allowed is an object")
    return value


def optional_mapping(record: Record, name: str) -> Record:
    """A field that is an object; an empty one where it is missing or null."""
    value = record.get(name)
    return {} if value is None else mapping(value, name)


def optional_list(record: Record, name: str) -> list[Any]:
    """A field that is a list; an empty one where it is missing or null."""
    value = record.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise Refused(Reason.WRONG_TYPE, f"{name} is {found(value)}, allowed is a list")
    return value


def optional_text(record: Record, name: str) -> str | None:
    """A field that is text, or missing, or null."""
    value = record.get(name)
    if value is not None and not isinstance(value, str):
        raise Refused(Reason.WRONG_TYPE, f"{name} is {found(value)}, allowed is text")
    return value


def text(record: Record, name: str) -> str:
    """A field that is text and not empty."""
    value = optional_text(record, name)
    if not value:
        raise Refused(Reason.MISSING_FIELD, f"{name} is missing")
    return value


def share(record: Record, name: str) -> float:
    """A field that is a number of 0 to 1."""
    value = record.get(name)
    if value is None:
        raise Refused(Reason.MISSING_FIELD, f"{name} is missing")
    if not is_number(value):
        raise Refused(Reason.WRONG_TYPE, f"{name} is {found(value)}, allowed is a number of 0 to 1")
    if not 0 <= value <= 1:
        raise Refused(Reason.OUT_OF_RANGE, f"{name} is {found(value)}, allowed is 0 to 1")
    return float(value)


def side_px(record: Record, name: str) -> int:
    """A field that is the side of an image."""
    if record.get(name) is None:
        raise Refused(Reason.MISSING_FIELD, f"{name} is missing")
    return whole(record[name], name, 1, LONGEST_SIDE_PX)


def frame_number(value: Any, name: str = "the frame") -> int:
    """A frame, or an index in an image group: a whole number, or its digits as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        value = int(value)
    return whole(value, name, 0, LARGEST_FRAME - 1)


def are_numbers(values: Iterable[Any]) -> bool:
    """Whether all are numbers; true and false are none."""
    return set(map(type, values)) <= _NUMBERS


def ranges(record: Record, name: str, highest: int) -> list[tuple[int, int]]:
    """A field that is a list of [first, last], inclusive, each of 0 to `highest`."""
    bounds = []
    for pair in optional_list(record, name):
        if not isinstance(pair, list) or len(pair) != 2:
            raise Refused(Reason.WRONG_TYPE, f"{name} holds {found(pair)}, allowed are lists of first and last")
        first, last = (whole(bound, name, 0, highest) for bound in pair)
        if first > last:
            raise Refused(Reason.OUT_OF_RANGE, f"{name} goes from {first} to {last}, allowed is first before last")
        bounds.append((first, last))
    return bounds
