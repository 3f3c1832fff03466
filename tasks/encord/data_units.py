"""`data_units.json`: the units of an Encord project by row, with their sizes and how many frames each has."""

from typing import Any

import pyarrow as pa

from schemas.errors import InputError
from schemas.records import Source
from tasks.encord.fields import LARGEST_FRAME, Record, mapping, optional_text, side_px, text
from tasks.encord.row_frames import AUDIO, DATA_TYPES, GROUP, data_type, group_index
from tasks.encord.row_units import KINDS, Unit, merged_units, unit_records
from tasks.refusals import Refused, whole

HINT = "data units are a list of objects with data_hash, data_type, width, height, and frames of a video"
_KEYS = {"data_hash", "data_type"}


def is_unit_list(document: Any) -> bool:
    """Whether this is a list of units, as far as its first item shows."""
    return isinstance(document, list) and bool(document) and isinstance(document[0], dict) and set(document[0]) >= _KEYS


def _unit(item: Record) -> Unit:
    kind, name = data_type(item), text(item, "data_hash")
    sizes = (0, 0) if kind == AUDIO else (side_px(item, "width"), side_px(item, "height"))
    frames = 1 if item.get("frames") is None else whole(item["frames"], "frames", 1, LARGEST_FRAME)
    number = group_index(item) if kind == GROUP else 0
    sequence = optional_text(item, "row_data_hash") or name
    return Unit(name, optional_text(item, "data_title"), KINDS[kind], sequence, *sizes, number, frames)


def unit_list(document: list[Any], source: Source) -> pa.Table:
    """UNIT_RECORDS of the list, in its order; images of a group by their index. InputError at the first bad item."""
    units = []
    for position, item in enumerate(document):
        try:
            units.append(_unit(mapping(item, "a data unit")))
        except Refused as refused:
            hint = f"{HINT}; data_type is one of {', '.join(DATA_TYPES)}"
            raise InputError(refused.text, where=f"{source.name}, data unit {position}", hint=hint) from refused
    names = [unit.data_hash for unit in units]
    if len(set(names)) < len(names):
        twice = next(name for position, name in enumerate(names) if name in names[:position])
        raise InputError(f"the data unit {twice!r} is there twice", where=source.name)
    return unit_records(merged_units(units))
