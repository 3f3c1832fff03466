"""A line of a label file: `type truncated occluded alpha x1 y1 x2 y2 h w l x y z rotation_y [score]`.

Format: the readme of KITTI's object development kit. Corners in pixels (in Encord Active up to 0.1.65 in shares of the
unit's size), 3D in metres of the camera's coordinates.
"""

import csv
import math
import re
from typing import NamedTuple

import orjson

from schemas.rejects import Reason
from tasks.refusals import Refused

COLUMNS = (
    "type", "truncated", "occluded", "alpha", "x1", "y1", "x2", "y2",
    "height", "width", "length", "x", "y", "z", "rotation_y", "score",
)  # fmt: skip
DONT_CARE = "dontcare"
"""Type, in lower case, of regions whose objects are not labelled."""
_NUMBER = re.compile(rb"[-+]?(([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?|nan|inf(inity)?)", re.IGNORECASE)
_JSON_NUMBERS = {int, float}
_NAME_BYTES = 1_000
_FARTHEST = 1e9
"""Largest corner taken: beyond it areas lose their meaning."""
_LARGEST_INT32 = (1 << 31) - 1


class Row(NamedTuple):
    """An object as its line gives it."""

    type: str
    truncated: float | None
    occluded: int | None
    alpha: float | None
    box: tuple[float, float, float, float]
    """x, y, w, h: w and h are the corners' differences, so areas are those of the corners, to the bit."""
    box_3d: list[float] | None
    score: float | None


def read_row(line: bytes, commas: bool) -> Row:
    """The object of a line that is not blank; `commas` may stand between columns. Refused where it is none."""
    fields = _fields(line, commas)
    if len(fields) not in (15, 16):
        raise Refused(Reason.NOT_AN_OBJECT, f"found {len(fields)} columns, allowed are 15, or 16 with a score")
    name = _name(fields[0])
    truncated, occluded, alpha, *corners = _numbers(fields)
    return Row(
        name,
        truncated if truncated >= 0 else None,
        _level(occluded),
        alpha if alpha != -10 else None,
        _box(*corners[:4]),
        corners[4:11] if max(corners[4:7]) > 0 else None,
        corners[11] if len(fields) == 16 else None,
    )


def _fields(line: bytes, commas: bool) -> list[bytes]:
    commas = commas and b"," in line
    if not commas and b'"' not in line:
        return line.split()
    try:
        delimiter = "," if commas else " "
        parts = next(csv.reader([line.decode()], delimiter=delimiter, skipinitialspace=True))
    except csv.Error as error:
        raise Refused(Reason.NOT_AN_OBJECT, f"columns cannot be told apart: {error}") from error
    return [part.strip().encode() for part in parts if commas or part.strip()]


def _name(field: bytes) -> str:
    name = field.decode()
    if not name or len(field) > _NAME_BYTES or not name.isprintable():
        raise Refused(Reason.WRONG_TYPE, f"type must be 1 to {_NAME_BYTES} printable characters")
    return name


def _numbers(fields: list[bytes]) -> list[float]:
    """The columns after the first, all finite."""
    values = _as_json(fields[1:]) or _one_by_one(fields)
    if not math.isfinite(sum(values)):
        for column, value in zip(COLUMNS[1:], values, strict=False):
            if not math.isfinite(value):
                raise Refused(Reason.NOT_FINITE, f"{column} is {value}, allowed are finite numbers")
    return values


def _as_json(fields: list[bytes]) -> list[float] | None:
    """Numbers that are written as JSON writes them, all at once: some ten times faster; None where one is not."""
    try:
        values = orjson.loads(b"[%b]" % b",".join(fields))
    except orjson.JSONDecodeError:
        return None
    plain = len(values) == len(fields) and _JSON_NUMBERS.issuperset(map(type, values))
    return [*map(float, values)] if plain else None


def _one_by_one(fields: list[bytes]) -> list[float]:
    """Numbers however they are written, but for digits with underscores, which Python takes."""
    values = []
    for column, field in zip(COLUMNS[1:], fields[1:], strict=False):
        if not _NUMBER.fullmatch(field):
            text = field[:40].decode(errors="replace")
            raise Refused(Reason.WRONG_TYPE, f"{column} is {text!r}, allowed is a number")
        values.append(float(field))
    return values


def _level(value: float) -> int | None:
    """The level of occlusion; None where it is not stated, which KITTI writes as -1."""
    if value != int(value) or value > _LARGEST_INT32:
        raise Refused(Reason.OUT_OF_RANGE, f"occluded is {value}, allowed are whole numbers (0 to 3, or -1)")
    return int(value) if value >= 0 else None


def _box(x1: float, y1: float, x2: float, y2: float) -> tuple[float, float, float, float]:
    """x, y, w, h of two corners."""
    if x2 < x1 or y2 < y1:
        raise Refused(Reason.INVALID_BOX, f"corners are inverted: x {x1} to {x2}, y {y1} to {y2}")
    if max(abs(x1), abs(y1), abs(x2), abs(y2)) > _FARTHEST:
        raise Refused(Reason.OUT_OF_RANGE, f"corners {x1}, {y1}, {x2}, {y2}; allowed are -1e9 to 1e9")
    return x1, y1, x2 - x1, y2 - y1
