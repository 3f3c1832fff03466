"""The data units that label rows speak of: images, images of a group, frames of a video, audio."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from schemas.records import Array
from schemas.rejects import Reason, Stage
from schemas.tables import UNIT_RECORDS
from tasks.columns import completed
from tasks.encord.fields import LARGEST_FRAME, Record, frame_number, mapping, optional_text, side_px, text
from tasks.encord.row_frames import AUDIO, GROUP, IMAGE, VIDEO, data_type, group_index, units_of
from tasks.encord.row_json import Row
from tasks.refusals import Refused, check_fit, found, is_number
from tasks.rejects import capped, rejects_table

KINDS = {IMAGE: "image", GROUP: "group image", VIDEO: "video frame", AUDIO: "audio"}


class Unit(NamedTuple):
    """A unit of a row; a video with all its frames. `number` is the first frame, or the place in the group."""

    data_hash: str
    title: str | None
    kind: str
    sequence_hash: str
    width_px: int
    height_px: int
    number: int
    frames: int


class RefusedUnit(NamedTuple):
    """A unit whose size or place is not known."""

    code: str
    text: str
    record: str


def _stated_frames(unit: Record) -> int:
    """Frames that duration and rate make; 0 where they are not stated."""
    duration_s, rate = unit.get("data_duration"), unit.get("data_fps")
    if duration_s is None or rate is None:
        return 0
    for name, value in (("data_duration", duration_s), ("data_fps", rate)):
        if not is_number(value) or not value >= 0:
            raise Refused(Reason.WRONG_TYPE, f"{name} is {found(value)}, allowed is a number of 0 or more")
    if not duration_s * rate < LARGEST_FRAME:
        text = f"data_duration times data_fps is {duration_s * rate:g}, allowed are {LARGEST_FRAME} frames"
        raise Refused(Reason.OUT_OF_RANGE, text)
    return round(duration_s * rate)


def _labelled_frames(unit: Record) -> int:
    """One more than the highest frame that has labels."""
    last, labels = -1, unit.get("labels")
    for key in labels if isinstance(labels, dict) else ():
        try:
            last = max(last, frame_number(key))
        except Refused:
            continue  # refused where its labels are read
    return last + 1


def _unit(kind: str, sequence: str, name: str, unit: Record) -> Unit:
    sizes = (0, 0) if kind == AUDIO else (side_px(unit, "width"), side_px(unit, "height"))
    number = group_index(unit) if kind == GROUP else 0
    frames = max(1, _stated_frames(unit), _labelled_frames(unit)) if kind == VIDEO else 1
    title = optional_text(unit, "data_title")
    return Unit(name, title, KINDS[kind], sequence, *sizes, number, frames)


def units_of_row(row: Row) -> list[Unit | RefusedUnit]:
    """The units of a row; none where the row is refused as a whole."""
    try:
        kind, units = data_type(row.value), units_of(row.value)
        check_fit([*units])
    except Refused:
        return []  # refused where its labels are read
    result: list[Unit | RefusedUnit] = []
    for name, unit in units.items():
        shown = {key: value for key, value in unit.items() if key != "labels"} if isinstance(unit, dict) else unit
        try:
            check_fit([] if row.clean else [shown, row.value.get("data_hash")])
            result.append(_unit(kind, _sequence(kind, row.value, name), name, mapping(unit, "the data unit")))
        except Refused as refused:
            result.append(RefusedUnit(refused.code, refused.text, capped(json.dumps({name: shown}))))
    return result


def _sequence(kind: str, row: Record, name: str) -> str:
    """The row's hash, which for an image may be another than its unit's; the unit's where the row has none."""
    return text(row, "data_hash") if kind == GROUP else optional_text(row, "data_hash") or name


def merged_units(units: Iterable[Unit]) -> list[Unit]:
    """Every unit once, images of a group by their index; of a video seen twice, the longer one's frames."""
    found: dict[str, Unit] = {}
    for unit in units:
        before = found.setdefault(unit.data_hash, unit)
        if unit.frames > before.frames:
            found[unit.data_hash] = before._replace(frames=unit.frames)
    order = {name: k for k, name in enumerate(dict.fromkeys(unit.sequence_hash for unit in found.values()))}
    return sorted(found.values(), key=lambda unit: (order[unit.sequence_hash], unit.number))


def unit_records(units: Iterable[Unit]) -> pa.Table:
    """UNIT_RECORDS of the units, in this order: a row per frame of a video. None in, none out."""
    listed = list(units)
    frames = np.array([unit.frames for unit in listed], np.int64)
    total, owner = int(frames.sum()), np.repeat(np.arange(len(listed)), frames)
    first = np.concatenate([[0], np.cumsum(frames)])[owner] if total else np.empty(0, np.int64)
    number = np.array([unit.number for unit in listed], np.int64)[owner] if total else first
    columns = {
        "source_id": _repeated([unit.data_hash for unit in listed], owner),
        "title": _repeated([unit.title for unit in listed], owner),
        "kind": _repeated([unit.kind for unit in listed], owner),
        "sequence_hash": _repeated([unit.sequence_hash for unit in listed], owner),
        "width": pa.array(np.array([unit.width_px for unit in listed], np.int32)[owner]),
        "height": pa.array(np.array([unit.height_px for unit in listed], np.int32)[owner]),
        "frame": pa.array((np.arange(total) - first + number).astype(np.int32)),
        "source_order": pa.array(np.arange(total, dtype=np.int64)),
    }
    columns["data_hash"] = columns["source_id"]
    return completed(columns, UNIT_RECORDS.schema, total)


def _repeated(texts: list[Any], owner: Array) -> pa.Array:
    return pa.array(texts, pa.string()).take(pa.array(owner.astype(np.int64)))


def unit_rejects(file: str, refused: list[RefusedUnit]) -> pa.Table:
    """Rejects of units, counted by themselves under `FILE#/data_units`."""
    columns = [list(column) for column in zip(*refused, strict=True)] or [[], [], []]
    return rejects_table(Stage.INGEST, [f"{file}#/data_units"] * len(refused), list(range(len(refused))), *columns)
