"""The slices that were asked for: columns found, checked and cut, before anything is computed."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.errors import InputError
from schemas.judging import Array, Protocol, Rules
from schemas.parameters import ProtocolSettings
from schemas.tables import DATA_UNITS, GROUND_TRUTH
from tasks.catalog import Entry
from tasks.columns import numbers, one_chunk
from tasks.engine import ANNOTATION, SEQUENCE, Engine
from tasks.engines import ENGINES
from tasks.rules import rules_of
from tasks.slices.asked import OPTION, Asked, asked_in
from tasks.slices.cut import Part, check_type, cut
from tasks.slices.members import ANNOTATIONS, UNITS, Slice, write_slices
from tasks.slices.tags import Tags, read_tags

MOST_SLICES = 500
_FILE = "slices.arrow"
AREA_RANGE = "area_range"
"""Stands for the protocol's own area ranges, which overlap at their bounds."""
_KEYS = {"unit_key", "annotation_key", "retired"}
_TABLES = {
    "data_units": set(DATA_UNITS.fields) - _KEYS,
    "ground_truth": set(GROUND_TRUTH.fields) - _KEYS,
}


class Built(NamedTuple):
    """Slices, and what they were made from."""

    slices: tuple[Slice, ...] = ()
    record: Mapping[str, Any] = {}
    """What the evaluation says of them: `by`, `tags_sha256`, and `unknown_tags`, the rows of the tags that are about no
    data unit. Empty where nothing was asked for."""

    def write(self, folder: Path) -> str:
        """Write the slices into a folder; where they lie, or nothing where there are none."""
        if not self.slices:
            return ""
        write_slices(folder / _FILE, self.slices)
        return str(folder / _FILE)


class _Columns:
    """Where columns are found: data units, ground truth, tags. Only live units, and annotations on them, count."""

    def __init__(self, truth: Entry, tags: Path | None, asked: Sequence[Asked], engine: Engine) -> None:
        self._truth, self._engine = truth, engine
        units = truth.partitions["data_units"].read()
        self.units = units.filter(pa.array(~numbers(units["retired"], missing=False)))
        wanted = [column.column.removeprefix("tags.") for column in asked]
        self.tags = None if tags is None else read_tags(tags, wanted, self.units)
        self._tables = {**_TABLES, "tags": set(self.tags.table.column_names) if self.tags else set()}

    @cached_property
    def _annotations(self) -> pa.Table:
        """Keys of the annotations that count, and their rows in the table."""
        rows = self._truth.partitions["ground_truth"].read(["annotation_key", "unit_key", "task"])
        task = pc.fill_null(rows["task"], "")
        good = pc.and_(pc.is_in(rows["unit_key"], one_chunk(self.units["unit_key"])), pc.equal(task, self._engine.task))
        return rows.append_column("row", pa.array(np.arange(len(rows)))).filter(good)

    def where(self, asked: Asked) -> tuple[str, str]:
        """(table, column) that was meant; InputError where there is none, or several."""
        table, _, column = asked.column.rpartition(".")
        meant = {name: columns for name, columns in self._tables.items() if table in {"", name}}
        found = [(name, column) for name, columns in meant.items() if column in columns]
        if len(found) == 1:
            return found[0]
        if found:
            hint = f"write {' or '.join('.'.join(each) for each in found)}"
            raise InputError(f"{asked.column!r} is a column of several tables", where=OPTION, hint=hint)
        known = sorted(set(chain.from_iterable(self._tables.values())) | {AREA_RANGE})
        close = get_close_matches(column, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}; --tags adds your own"
        raise InputError(f"there is no column {asked.column!r} to slice by", where=OPTION, hint=hint)

    def of_units(self, table: str, column: str) -> pa.Array:
        """A column of the units, in their order."""
        rows = self.units if table == "data_units" or self.tags is None else self.tags.table
        return one_chunk(rows[column])

    def of_annotations(self, column: str) -> pa.Array:
        """A column of the annotations, in their order."""
        rows = self._truth.partitions["ground_truth"].read([column])
        return one_chunk(rows[column]).take(one_chunk(self._annotations["row"]))

    @property
    def unit_keys(self) -> Array:
        """int64[U]"""
        return numbers(self.units["unit_key"])

    @property
    def annotation_keys(self) -> Array:
        """int64[G]"""
        return numbers(self._annotations["annotation_key"])


def built_slices(truth: Entry, settings: ProtocolSettings, protocol: Protocol) -> Built:
    """The slices that `settings` ask for, of the live data. Nothing asked for: none.

    InputError for a column that is not there, holds nulls or too many values, or that the engine cannot slice by.
    """
    asked = asked_in(settings)
    if not asked:
        return Built()
    rules, engine = rules_of(protocol, settings), ENGINES[protocol.engine]
    columns = _Columns(truth, settings.tags, asked, engine)
    found = chain.from_iterable(_slices(each, columns, protocol, rules, engine) for each in asked)
    slices = tuple({part.name: part for part in found}.values())  # of one name are one and the same
    if len(slices) > MOST_SLICES:
        hint = "ask for fewer columns, or cut them into fewer parts"
        raise InputError(f"{len(slices):,} slices; {MOST_SLICES} at most", where=OPTION, hint=hint)
    tags = columns.tags or Tags(pa.table({}), "", 0)
    by = list(dict.fromkeys(settings.slice_by))
    return Built(slices, {"by": by, "tags_sha256": tags.sha256, "unknown_tags": tags.unknown})


def _slices(asked: Asked, columns: _Columns, protocol: Protocol, rules: Rules, engine: Engine) -> Iterable[Slice]:
    if asked.column == AREA_RANGE:
        _refuse_annotations(asked, protocol, engine)
        return _sliced(_area_ranges(columns, protocol, rules), ANNOTATIONS, columns.annotation_keys)
    table, column = columns.where(asked)
    if table == "ground_truth":
        _refuse_annotations(asked, protocol, engine)
        check_type(GROUND_TRUTH.schema.field(column).type, asked)
        parts = cut(columns.of_annotations(column), asked, "annotations")
        return _sliced(parts, ANNOTATIONS, columns.annotation_keys)
    parts = cut(columns.of_units(table, column), asked, "data units")
    if engine.grain == SEQUENCE:
        _refuse_torn(parts, columns.units, asked, protocol)
    return _sliced(parts, UNITS, columns.unit_keys)


def _sliced(parts: Iterable[Part], side: str, keys: Array) -> Iterable[Slice]:
    return (Slice(part.name, side, np.sort(keys[part.rows])) for part in parts)


def _refuse_annotations(asked: Asked, protocol: Protocol, engine: Engine) -> None:
    if engine.grain != ANNOTATION:
        message = f"{protocol.name} has no numbers by columns of the ground truth, such as {asked.column!r}"
        hint = "slice it by columns of data units or tags, or name other protocols with --protocol"
        raise InputError(message, where=OPTION, hint=hint)


def _refuse_torn(parts: Sequence[Part], units: pa.Table, asked: Asked, protocol: Protocol) -> None:
    """InputError where a part holds some frames of a video or group and not all."""
    sequence = numbers(one_chunk(units["sequence_hash"]).dictionary_encode().indices, missing=0)
    frames = np.bincount(sequence)
    for part in parts:
        held = np.bincount(sequence[part.rows], minlength=len(frames))
        torn = np.flatnonzero((held > 0) & (held < frames))
        if len(torn):
            first = units["sequence_hash"][int(np.flatnonzero(sequence == torn[0])[0])].as_py()
            message = f"{protocol.name} is measured over whole sequences, and {part.name} holds some frames of {first}"
            hint = f"slice by a column that is the same on all frames of a video, or image group, than {asked.column!r}"
            raise InputError(message, where=OPTION, hint=hint)


def _area_ranges(columns: _Columns, protocol: Protocol, rules: Rules) -> list[Part]:
    """Annotations by the protocol's area ranges after the whole; bounds are inclusive."""
    if len(rules.area_ranges) < 2 or protocol.truth_outside is not None:
        hint = "give edges in px²: area:1024,9216"
        raise InputError(f"{protocol.name} has no ranges of area", where=OPTION, hint=hint)
    area = numbers(columns.of_annotations("area"))
    return [
        Part(f"{AREA_RANGE}={name}", np.flatnonzero((area >= low) & (area <= high)))
        for name, low, high in rules.area_ranges[1:]
    ]
