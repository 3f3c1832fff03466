"""Numbers read back from the store: a set's metrics over all classes, of all of the data and of its slices."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, NamedTuple

import pyarrow.compute as pc

from schemas.parameters import ProtocolSettings
from schemas.records import Number
from tasks.catalog import Entry
from tasks.metrics.outcome_counts import NAMES as COUNTS
from tasks.protocols import PROTOCOLS
from tasks.rules import rules_of

Values = dict[str, float | int | None]
_COLUMNS = ("slice", "metric", "category", "area_range", "threshold", "value", "n_ground_truth", "n_predictions")


class Told(NamedTuple):
    """The numbers of all of the data, or of a slice."""

    metrics: Values
    """By name, in the protocol's order; None where undefined."""
    n_ground_truth: int | None
    """What the first of them counts on the annotated side: annotations, frames or pixels."""
    n_predictions: int | None


def number_list(evaluation: Entry) -> tuple[Number, ...]:
    """The numbers an evaluation's protocol has under the rules it was run with, in their order."""
    protocol = PROTOCOLS[evaluation.record["protocol"]]
    return protocol.numbers(rules_of(protocol, ProtocolSettings.model_validate(evaluation.record["settings"])))


def overall_numbers(evaluation: Entry) -> Values:
    """Value by name over all classes and all of the data, counts as integers; None where it is undefined."""
    return told_numbers(evaluation)[None].metrics


def told_numbers(evaluation: Entry) -> dict[str | None, Told]:
    """The numbers over all classes: of the whole, which is None, and of each slice, in the order they were made."""
    table = evaluation.partitions["metrics"].read(list(_COLUMNS))
    rows = table.filter(pc.is_null(table["category"])).to_pylist()
    by_slice: dict[str | None, list[dict[str, Any]]] = {None: []}
    for name, part in groupby(rows, key=lambda row: row["slice"]):
        by_slice.setdefault(name, []).extend(part)
    numbers = number_list(evaluation)
    return {name: _told(part, numbers) for name, part in by_slice.items()}


def _told(rows: Iterable[Mapping[str, Any]], numbers: Iterable[Number]) -> Told:
    by_place = {(row["metric"], row["area_range"], row["threshold"]): row for row in rows}
    by_name = {row["metric"]: row for row in by_place.values()}
    found = {number.name: _row(number, by_name, by_place) for number in numbers}
    first = next(iter(found.values()), {})
    metrics = {number.name: _value(number, found[number.name]) for number in numbers}
    return Told(metrics, first.get("n_ground_truth"), first.get("n_predictions"))


def _row(number: Number, by_name: Mapping[str, Any], by_place: Mapping[tuple[str, Any, Any], Any]) -> Mapping[str, Any]:
    """The row of the number's name; of one that is a count, the row of that count at its range and threshold."""
    if number.of in COUNTS:
        return by_place.get((number.of, number.area_range, number.threshold), {})
    return by_name.get(number.name, {})


def _value(number: Number, row: Mapping[str, Any]) -> float | int | None:
    value = row.get("value")
    return int(value) if value is not None and (number.whole or number.of in COUNTS) else value
