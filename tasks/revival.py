"""Rejects of the stage resolve as the rows that they were: what was refused for its unit or class, looked up again."""

from typing import Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa

from schemas.records import Array
from schemas.rejects import Stage
from schemas.tables import ANSWER_RECORDS, NORMALIZED, PREDICTIONS, RECORDS
from tasks.answers import resolve_answers
from tasks.columns import numbers, one_chunk
from tasks.naming import Names
from tasks.normalize import Step, normalize_records
from tasks.rejects import SCHEMA
from tasks.resolve import resolve_rows
from tasks.units import locate

KEY = "prediction_key"
_NORMALIZED = pa.schema([*NORMALIZED.schema, PREDICTIONS.schema.field(KEY).with_nullable(True)])
_OBJECT, _ANSWER = "bbox_given", "attribute_hash"
"""Columns that only rows of objects with a known unit, and only answers, have."""


class Revived(NamedTuple):
    """What became of rejects."""

    rows: pa.Table
    """Objects that are taken now, with keys of unit and class; `prediction_key` is null of what never had one."""
    answers: pa.Table
    rejects: pa.Table
    """What stays refused, for the reason there is today."""


def is_resolved_later(rejects: pa.Table) -> Array:
    """bool[n]: rejects that keep their whole row."""
    return np.array([stage == Stage.RESOLVE.value for stage in rejects["stage"].to_pylist()], bool)


def revive(rejects: pa.Table, names: Names) -> Revived:
    """Resolve rejects of that stage again. None in: none out."""
    rows = [orjson.loads(text) for text in rejects["record"].to_pylist()]
    objects = [row for row in rows if _ANSWER not in row]
    steps = [_normalized([row for row in objects if row.get(_OBJECT) is not None], names)]
    steps.append(_stranded([row for row in objects if row.get(_OBJECT) is None], names))
    answered = resolve_answers(
        pa.Table.from_pylist([row for row in rows if _ANSWER in row], ANSWER_RECORDS.schema),
        names.units, names.unit_names, names.categories,
    )  # fmt: skip
    return Revived(
        pa.concat_tables([_decoded(step.table) for step in steps], promote_options="permissive"),
        answered.table,
        pa.concat_tables([*(step.rejects for step in steps), answered.rejects]).cast(SCHEMA),
    )


def _decoded(rows: pa.Table) -> pa.Table:
    """The rows with plain text for codes of a dictionary."""
    for k, field in enumerate(rows.schema):
        if pa.types.is_dictionary(field.type):
            rows = rows.set_column(k, field.name, rows.column(k).cast(pa.string()))
    return rows


def _packed(row: dict[str, Any]) -> dict[str, Any]:
    """The row with the run lengths of its mask as bytes, as they were before JSON."""
    mask = row.get("mask")
    return row if mask is None else {**row, "mask": {**mask, "counts": mask["counts"].encode()}}


def _normalized(rows: list[dict[str, Any]], names: Names) -> Step:
    """Rows whose unit was known when they were normalized."""
    table = pa.Table.from_pylist([*map(_packed, rows)], _NORMALIZED)
    place = locate(one_chunk(table["source_unit"]), one_chunk(table["frame"]), names.unit_names, names.units)
    return resolved(table, place, names)


def _stranded(rows: list[dict[str, Any]], names: Names) -> Step:
    """Rows whose unit was not: they are as their source had them."""
    table = pa.Table.from_pylist([*map(_packed, rows)], RECORDS.schema).combine_chunks()
    batches = table.to_batches()
    if not batches:
        return resolved(_NORMALIZED.empty_table(), np.empty(0, np.int64), names)
    normalized = normalize_records(batches[0], names.units, names.unit_names, True, names.reading.outside)
    taken = resolve_rows(normalized.table, names.units, names.categories, names.by_name)
    keyed = taken.table.append_column(KEY, pa.nulls(len(taken.table), pa.int64()))
    return Step(keyed, pa.concat_tables([normalized.rejects, taken.rejects]))


def resolved(rows: pa.Table, position: Array, names: Names) -> Step:
    """Rows of NORMALIZED or of `predictions` with the keys that the words of their source stand for today.

    `position` int64[n] as from `locate`.
    """
    stale = {"unit_position", "unit_key", "category_key"}.intersection(rows.column_names)
    placed = rows.drop_columns(list(stale)).append_column("unit_position", pa.array(position))
    return resolve_rows(placed, names.units, names.categories, names.by_name)


def frames_of(unit_key: Array, names: Names) -> Array:
    """int32[n]: the frame that a record on each unit may have said; of what was found without one it is its own."""
    frame = np.zeros(int(numbers(pa.array(names.units.unit_key)).max(initial=0)) + 1, np.int32)
    frame[names.units.unit_key] = names.units.frame
    return frame[unit_key]
