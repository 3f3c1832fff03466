"""The frames of a label row: which units it has, and what is labelled on each."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from schemas.rejects import Reason
from tasks.encord.answers import Span
from tasks.encord.fields import LARGEST_FRAME, LONGEST_RANGE_MS, Record, frame_number, mapping, text
from tasks.refusals import Refused

IMAGE, GROUP, VIDEO, AUDIO = "image", "img_group", "video", "audio"
DATA_TYPES = (IMAGE, GROUP, VIDEO, AUDIO)


class Frame(NamedTuple):
    """What is labelled on an image, or on a frame of a video; `number` is the frame, or the place in the group."""

    unit: str
    number: int
    labels: Record


class Damaged(NamedTuple):
    """What cannot be taken, and why."""

    record: Any
    why: Refused


def data_type(row: Record) -> str:
    """The row's kind of data. Refused where it is none that has images, frames or sound."""
    kind = text(row, "data_type")
    if kind not in DATA_TYPES:
        raise Refused(Reason.UNSUPPORTED_DATA_TYPE, f"data_type is {kind!r}, allowed are {', '.join(DATA_TYPES)}")
    return kind


def units_of(row: Record) -> Record:
    """The row's units by their hashes, one at least."""
    units = mapping(row.get("data_units"), "data_units")
    if not units:
        raise Refused(Reason.MISSING_FIELD, "data_units is empty, allowed is one unit or more")
    return units


def group_index(unit: Record) -> int:
    """An image's place in its group: `data_sequence`, which is text there."""
    if unit.get("data_sequence") is None:
        raise Refused(Reason.MISSING_FIELD, "data_sequence is missing")
    return frame_number(unit["data_sequence"], "data_sequence")


def frames_of(kind: str, name: str, unit: Any) -> Iterator[Frame | Damaged]:
    """The frames of one unit in the order they are written; in place of one that cannot be taken, why."""
    try:
        labels = mapping(unit, "the data unit").get("labels") or {}
        labels = mapping(labels, "labels")
        if kind != VIDEO:
            yield Frame(name, group_index(unit) if kind == GROUP else 0, labels)
            return
    except Refused as refused:
        yield Damaged(unit, refused)
        return
    for key, value in labels.items():
        try:
            yield Frame(name, frame_number(key), mapping(value, f"labels.{key}"))
        except Refused as refused:
            yield Damaged({key: value}, refused)


class Places:
    """Where the ranges of a row's answers are: its units, by index in a group."""

    def __init__(self, kind: str, units: Record) -> None:
        """Units whose index is damaged have no place."""
        self.kind, self._first = kind, next(iter(units))
        self._by_index: dict[int, str] = {}
        for name, unit in units.items() if kind == GROUP else ():
            try:
                self._by_index[group_index(mapping(unit, "the data unit"))] = name
            except Refused:
                continue  # refused where its frames are read
        self.highest = LONGEST_RANGE_MS if kind == AUDIO else LARGEST_FRAME - 1

    def spans(self, first: int, last: int, score: float | None) -> list[Span]:
        """The units that a range covers: each image of a group by itself. Refused where there is none such."""
        if self.kind in (VIDEO, AUDIO):
            return [Span(self._first, first, last, score)]
        known = self._by_index or {0: self._first}
        covered = [index for index in sorted(known) if first <= index <= last]
        if len(covered) != last - first + 1:
            text = f"range goes from {first} to {last}; the row has {len(known)} images, from {min(known)}"
            raise Refused(Reason.UNKNOWN_FRAME, text)
        return [Span(known[index], index, index, score) for index in covered]
