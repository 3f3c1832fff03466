"""Rows of `failure_slices`: the slices found on both sides in one order, in words, with the data units to look at."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Array
from schemas.tables import FAILURE_SLICES
from tasks.failure_analysis.counts import Counts
from tasks.failure_analysis.objects import Binning, Dimension, Objects
from tasks.failure_analysis.performance import Classes
from tasks.failure_analysis.result_rows import labelled
from tasks.failure_analysis.slice_search import NONE, Found, conditions, members
from tasks.failure_analysis.source import PREDICTION

MOST_SLICES = 50
MOST_UNITS = 5
_CONDITION_COLUMNS = (
    ("metric_of", "metric", "value_low", "value_high"),
    ("other_metric_of", "other_metric", "other_low", "other_high"),
)
_UNIT_COLUMNS = ("unit_key", "data_hash", "title", "frame")


class Failing(NamedTuple):
    """What was found on one side."""

    of: str
    """prediction or annotation"""
    dimensions: tuple[Dimension, ...]
    binning: Binning
    counts: Counts
    found: Found
    overall: float


class Worst(NamedTuple):
    """Failures by slice and unit, of a bucket or of all: at most MOST_UNITS a slice, most failures first."""

    slice: Array
    unit: Array
    failures: Array


def failures_by_unit(objects: Objects, side: Failing) -> Worst:
    """The units of a bucket with most failures of each slice."""
    bins = side.binning.of(objects.values)
    parts = []
    for k in range(len(side.found.drop)):
        failed = members(side.found.slices, k, bins, objects.category) & ~objects.hit
        unit, failures = np.unique(objects.unit[failed], return_counts=True)
        parts.append((np.full(len(unit), k), unit, failures))
    every = [np.concatenate(columns) for columns in zip(*parts, strict=True)] if parts else [np.empty(0, int)] * 3
    return _most(Worst(*every))


def _most(worst: Worst) -> Worst:
    """Those that stay; of equal counts the lower unit key."""
    order = np.lexsort((worst.unit, -worst.failures, worst.slice))
    slices = worst.slice[order]
    kept = order[np.arange(len(order)) - np.searchsorted(slices, slices) < MOST_UNITS]
    return Worst(*(column[kept] for column in worst))


def worst_of(parts: Iterable[Worst]) -> Worst:
    """Of all buckets; a unit lies in one of them."""
    return _most(Worst(*map(np.concatenate, zip(*parts, strict=True))))


def _span(side: Failing, dimension: int, low: int, high: int) -> tuple[float, float]:
    """Lowest and highest value in bins that hold some."""
    values = slice(low, high + 1)
    return float(side.counts.low[dimension, values].min()), float(side.counts.high[dimension, values].max())


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 or value == round(value) else f"{value:.3g}"


def _condition(side: Failing, dimension: int, low: float, high: float, bins: tuple[int, int]) -> str:
    """A stretch in words: open where it reaches the end of the data."""
    of, metric = side.dimensions[dimension]
    name = metric.replace("_", " ") + ("" if of == side.of else f" of the {of}")
    last = len(side.binning.bounds[dimension]) - 1
    if low == high:
        return f"{name} = {_number(low)}"
    if bins[0] == 0:
        return f"{name} <= {_number(high)}"
    if bins[1] == last:
        return f"{name} >= {_number(low)}"
    return f"{name} {_number(low)} to {_number(high)}"


def _row(side: Failing, k: int, classes: Classes) -> dict[str, Any]:
    found, slices = side.found, side.found.slices
    row: dict[str, Any] = {}
    words = []
    category = int(slices.category[k])
    if category != NONE:
        row |= {"category": int(classes.key[category]), "category_name": classes.names[category] or None}
        words.append(f"class {classes.names[category] or int(classes.key[category])}")
    for (dimension, first, last), names in zip(conditions(slices), _CONDITION_COLUMNS, strict=True):
        if dimension[k] != NONE:
            m, bins = int(dimension[k]), (int(first[k]), int(last[k]))
            low, high = _span(side, m, *bins)
            row |= dict(zip(names, (*side.dimensions[m], low, high), strict=True))
            words.append(_condition(side, m, low, high, bins))
    count, hits = int(slices.objects[k]), int(slices.hits[k])
    inside = hits / count
    return row | {
        "rate": "precision" if side.of == PREDICTION else "recall",
        "words": ", ".join(words),
        "n_objects": count,
        "n_failed": count - hits,
        "rate_inside": inside,
        "rate_overall": side.overall,
        "rate_inside_high": float(found.upper[k]),
        "drop": side.overall - inside,
        "sure_drop": float(found.drop[k]),
        "excess_failures": count * (side.overall - inside),
        "n_slices": found.looks,
    }


def _units(worst: Worst, k: int, known: Mapping[int, dict[str, Any]]) -> list[dict[str, Any]]:
    mine = worst.slice == k
    pairs = zip(worst.unit[mine].tolist(), worst.failures[mine].tolist(), strict=True)
    return [{**known[unit], "n_failed": failures} for unit, failures in pairs]


def _known_units(sides: Sequence[tuple[Failing, Worst]], units: pa.Table) -> dict[int, dict[str, Any]]:
    wanted = np.unique(np.concatenate([worst.unit for _, worst in sides]))
    keys = units["unit_key"].to_numpy()
    rows = units.select(_UNIT_COLUMNS).take(pa.array(np.flatnonzero(np.isin(keys, wanted))))
    return {row["unit_key"]: row for row in rows.to_pylist()}


def slice_rows(
    sides: Sequence[tuple[Failing, Worst]], classes: Classes, units: pa.Table, labels: Mapping[str, str]
) -> pa.Table:
    """The slices of both sides by falling sure drop, ranked from 1."""
    known = _known_units(sides, units)
    rows = [
        {**_row(side, k, classes), "worst_units": _units(worst, k, known)}
        for side, worst in sides
        for k in range(len(side.found.drop))
    ]
    rows.sort(key=lambda row: (-row["sure_drop"], row["rate"], row["words"]))
    ranked = [{**row, "rank": rank} for rank, row in enumerate(rows[:MOST_SLICES], 1)]
    return labelled(ranked, FAILURE_SLICES, labels)
