"""A line of a track file: `frame,id,x,y,w,h,conf[,class[,visibility]]`, or `...,conf,x,y,z` with -1 for what is not
known. Frames count from 1, boxes are in px. In ground truth `conf` 0 marks a box that does not count.

Format: Milan et al., MOT16 (2016), section 4; of its 10 columns only those of 2D are read.
"""

import math
from typing import NamedTuple

from schemas.rejects import Reason
from tasks.mot.classes import JUDGED, NAMES
from tasks.refusals import Refused

COLUMNS = ("frame", "id", "x", "y", "w", "h", "conf", "class")
_LARGEST = (1 << 31) - 1
_FARTHEST = 1e9
"""Largest coordinate taken: beyond it areas lose their meaning."""


class Row(NamedTuple):
    """A box as its line gives it."""

    frame: int
    """From 0."""
    track: str | None
    """None: a detection that belongs to no track, which is written -1."""
    box: tuple[float, float, float, float]
    confidence: float
    category: str


def read_row(line: bytes) -> Row:
    """The box of a line that is not blank. Refused where it is none."""
    fields = [field for field in line.split(b",") if field and not field.isspace()]
    if not 7 <= len(fields) <= 10:
        raise Refused(Reason.NOT_AN_OBJECT, f"found {len(fields)} columns, allowed are 7 to 10 with commas between")
    frame, track, x, y, w, h, confidence, *rest = values = _numbers(fields[:8])
    if max(map(abs, values[2:6])) > _FARTHEST or min(w, h) < 0:
        raise Refused(Reason.INVALID_BOX, f"box {x}, {y}, {w}, {h}; allowed are sizes of 0 or more, up to 1e9 px")
    number = _whole(track, "id", -1)
    track_id = None if number < 0 else str(number)
    return Row(_whole(frame, "frame", 1) - 1, track_id, (x, y, w, h), confidence, _category(rest))


def _numbers(fields: list[bytes]) -> list[float]:
    values = [*map(_number, fields)]
    if not math.isfinite(sum(values)):
        for name, value, field in zip(COLUMNS, values, fields, strict=False):
            if not math.isfinite(value):
                text = field[:40].decode(errors="replace").strip()
                raise Refused(Reason.WRONG_TYPE, f"{name} is {text!r}, allowed is a finite number")
    return values


def _number(field: bytes) -> float:
    """NaN where it is none, or has digits with underscores, which Python takes."""
    try:
        return math.nan if b"_" in field else float(field)
    except ValueError:
        return math.nan


def _whole(value: float, name: str, low: int) -> int:
    if value != int(value) or not low <= value <= _LARGEST:
        raise Refused(Reason.OUT_OF_RANGE, f"{name} is {value:g}, allowed are whole numbers from {low}")
    return int(value)


def _category(numbers: list[float]) -> str:
    """The class's name; what states none (-1, as trackers write, or no column) is a pedestrian."""
    number = numbers[0] if numbers and numbers[0] != -1 else JUDGED
    if number not in NAMES:
        raise Refused(Reason.UNKNOWN_CATEGORY, f"class is {number:g}, allowed are 1 to {max(NAMES)}, or -1")
    return NAMES[int(number)]
