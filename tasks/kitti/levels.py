"""What KITTI's levels of difficulty ask, and which classes it evaluates: as in the devkit's `evaluate_object`, 2017."""

from typing import NamedTuple

import numpy as np

from schemas.errors import InputError
from schemas.judging import Array, Judged, Rules
from tasks.columns import numbers, one_chunk


class Level(NamedTuple):
    """Annotations that a level counts: so high or more, so much hidden or less."""

    least_height_px: int
    most_occluded: int
    most_truncated: float


LEVELS = {"easy": Level(40, 0, 0.15), "moderate": Level(25, 1, 0.3), "hard": Level(25, 2, 0.5)}
OVERLAPS = {"car": 0.7, "pedestrian": 0.5, "cyclist": 0.5}
"""The IoU a detection must exceed, by class; others are not evaluated. Names are compared whatever their case."""
EVALUATED = tuple(OVERLAPS)
_NEIGHBOURS = {"van": "car", "person_sitting": "pedestrian"}
"""Classes so alike that being taken for the other is neither right nor wrong."""
_REGION = "dontcare"
NONE = -1


def levels_of(rules: Rules) -> list[Level]:
    """The levels of the rules' ranges, in their order. InputError where a range is none of KITTI's."""
    names = [bounds.name for bounds in rules.area_ranges]
    for name in names:
        if name not in LEVELS:
            raise InputError(
                f"{name!r} is no level of KITTI", where="--area-range", hint=f"there are {', '.join(LEVELS)}"
            )
    return [LEVELS[name] for name in names]


def _by_name(judged: Judged, table: dict[str, int]) -> Array:
    """int32[n]: the entry of each row's class, NONE where there is none."""
    entries = [table.get(name.lower(), NONE) for name in judged.names]
    return np.array([*entries, NONE], np.int32)[judged.category]


def evaluated(judged: Judged) -> Array:
    """int32[n]: place of each row's class in EVALUATED, or NONE."""
    return _by_name(judged, {name: k for k, name in enumerate(EVALUATED)})


def neighbours(judged: Judged) -> Array:
    """int32[n]: place in EVALUATED of the class that each row's class neighbours, or NONE."""
    return _by_name(judged, {name: EVALUATED.index(own) for name, own in _NEIGHBOURS.items()})


def regions(judged: Judged) -> Array:
    """bool[n]: regions whose objects are not labelled."""
    return _by_name(judged, {_REGION: 0}) == 0


def _height_px(judged: Judged) -> Array:
    return numbers(one_chunk(judged.table["bbox_px"]).field("h"))


def _bits(flags: list[Array], rows: int) -> Array:
    """uint64[n]: bit a is set where flags[a] is."""
    word = np.zeros(rows, np.uint64)
    for a, flag in enumerate(flags):
        word |= flag.astype(np.uint64) << np.uint64(a)
    return word


def too_low(judged: Judged, rules: Rules) -> Array:
    """uint64[n]: detections of a height that does not count, by the bits of the rules' ranges."""
    height_px = _height_px(judged)
    return _bits([height_px < level.least_height_px for level in levels_of(rules)], len(height_px))


def too_hard(judged: Judged, rules: Rules) -> Array:
    """uint64[n]: annotations too low, hidden or cut off for a range; what is not stated is neither hidden nor cut."""
    height_px = _height_px(judged)
    occluded, truncated = (numbers(judged.table[name], missing=0) for name in ("occluded", "truncated"))
    flags = [
        (height_px < level.least_height_px)
        | (occluded > level.most_occluded)
        | (truncated > level.most_truncated)
        for level in levels_of(rules)
    ]  # fmt: skip
    return _bits(flags, len(height_px))


def every_range(rules: Rules) -> np.uint64:
    """All bits of the rules' ranges."""
    return np.uint64((1 << len(rules.area_ranges)) - 1)
