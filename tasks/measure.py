"""Metrics: partial states of every bucket's matches, combined to the bit, finished into rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

import pyarrow as pa

from schemas.records import Array, MeasureContext, Metric, Rules, Run
from tasks.metrics import METRICS
from tasks.shards import read_detections, read_shard
from tasks.units import CategoryIndex, UnitIndex, category_index, unit_index


@dataclass(frozen=True, slots=True)
class MeasureShard:
    """The part files of one bucket's matches."""

    matches: tuple[str, ...]
    ground_truth_matches: tuple[str, ...]


class _Look(NamedTuple):
    """What one look at a shard gives."""

    event: Array
    """int64[E]: detections that matched something."""
    states: list[Any]
    """Of every metric."""


def _names(context: MeasureContext) -> tuple[UnitIndex, CategoryIndex, Rules]:
    return unit_index(context.units), category_index(context.categories), context.rules


def _first_look(shard: MeasureShard, context: MeasureContext) -> _Look:
    matched = read_shard(shard.matches, shard.ground_truth_matches, *_names(context))
    return _Look(matched.event, [metric.partial(matched, context) for metric in METRICS])


def _second_look(work: tuple[MeasureShard, Array], states: Mapping[str, Any], context: MeasureContext) -> list[Any]:
    shard, event = work
    found = read_detections(shard.matches, *_names(context))
    return [metric.recount(found, event, states[metric.name], context) for metric in _recounting() if metric.recount]


def _recounting() -> list[Metric]:
    return [metric for metric in METRICS if metric.recount is not None]


def _combined(looks: list[_Look], context: MeasureContext) -> dict[str, Any]:
    by_metric = zip(*(look.states for look in looks), strict=True)
    return {
        metric.name: metric.combine(list(states), context) for metric, states in zip(METRICS, by_metric, strict=True)
    }


def measure(shards: Sequence[MeasureShard], context: MeasureContext, run: Run) -> dict[str, Iterable[pa.Table]]:
    """Rows by table name, piece by piece, from the stored matches of all buckets (at least one, which may be empty).

    Every shard is looked at twice: what matched something decides where the rest is counted, so that memory
    grows with the ground truth and not with the predictions.
    """
    looks = list(run(partial(_first_look, context=context), shards, label="metrics"))
    states = _combined(looks, context)
    again = [(shard, look.event) for shard, look in zip(shards, looks, strict=True)]
    counted = list(run(partial(_second_look, states=states, context=context), again, label="curves"))
    for metric, counts in zip(_recounting(), zip(*counted, strict=True), strict=True):
        if metric.combine_counts is not None:
            states[metric.name] = metric.combine_counts(states[metric.name], list(counts), context)
    rows: dict[str, list[Iterable[pa.Table]]] = {}
    for metric in METRICS:
        for table, part in metric.finish(states[metric.name], context).items():
            rows.setdefault(table, []).append(part)
    return {table: chain.from_iterable(parts) for table, parts in rows.items()}
