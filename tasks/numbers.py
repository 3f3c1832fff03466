"""Numbers read back from the store: a set's metrics over all classes."""

from collections.abc import Mapping
from typing import Any

import pyarrow.compute as pc

from schemas.parameters import ProtocolSettings
from schemas.records import Number
from tasks.catalog import Entry
from tasks.metrics.outcome_counts import NAMES as COUNTS
from tasks.protocols import BY_NAME
from tasks.rules import rules_of


def number_list(evaluation: Entry) -> tuple[Number, ...]:
    """The numbers an evaluation's protocol has under the rules it was run with, in their order."""
    protocol = BY_NAME[evaluation.record["protocol"]]
    return protocol.numbers(rules_of(protocol, ProtocolSettings.model_validate(evaluation.record["settings"])))


def overall_numbers(evaluation: Entry) -> dict[str, float | int | None]:
    """Value by name over all classes, counts as integers; None where it is undefined."""
    table = evaluation.partitions["metrics"].read(["metric", "category", "area_range", "threshold", "value"])
    rows = table.filter(pc.is_null(table["category"]))
    values = rows["value"].to_pylist()
    places = zip(*(rows[name].to_pylist() for name in ("metric", "area_range", "threshold")), strict=True)
    by_place = dict(zip(places, values, strict=True))
    by_name = dict(zip(rows["metric"].to_pylist(), values, strict=True))
    return {number.name: _value(number, by_name, by_place) for number in number_list(evaluation)}


def _value(
    number: Number, by_name: Mapping[str, Any], by_place: Mapping[tuple[str, Any, Any], Any]
) -> float | int | None:
    """The row of the number's name; of one that is a count, the row of that count at its range and threshold."""
    if number.of in COUNTS:
        count = by_place.get((number.of, number.area_range, number.threshold))
        return None if count is None else int(count)
    return by_name.get(number.name)
