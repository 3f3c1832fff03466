"""Metrics: partial states of every bucket's matches, combined to the bit, finished into rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa

from schemas.records import MatchedShard, MeasureContext, Metric, Run
from tasks.metrics import METRICS
from tasks.shards import read_shard
from tasks.units import category_index, unit_index


@dataclass(frozen=True, slots=True)
class MeasureShard:
    """The part files of one bucket's matches."""

    matches: tuple[str, ...]
    ground_truth_matches: tuple[str, ...]


def _read(shard: MeasureShard, context: MeasureContext) -> MatchedShard:
    units, categories = unit_index(context.units), category_index(context.categories)
    return read_shard(shard.matches, shard.ground_truth_matches, units, categories, context.rules)


def _first_look(shard: MeasureShard, context: MeasureContext) -> list[Any]:
    matched = _read(shard, context)
    return [metric.partial(matched, context) for metric in METRICS]


def _second_look(shard: MeasureShard, states: Mapping[str, Any], context: MeasureContext) -> list[Any]:
    matched = _read(shard, context)
    return [metric.recount(matched, states[metric.name], context) for metric in _recounting() if metric.recount]


def _recounting() -> list[Metric]:
    return [metric for metric in METRICS if metric.recount is not None]


def _combined(parts: Iterable[list[Any]], context: MeasureContext) -> dict[str, Any]:
    by_metric = zip(*parts, strict=True)
    return {
        metric.name: metric.combine(list(states), context) for metric, states in zip(METRICS, by_metric, strict=True)
    }


def measure(shards: Sequence[MeasureShard], context: MeasureContext, run: Run) -> dict[str, pa.Table]:
    """Rows by table name, from the stored matches of all buckets (at least one, which may be empty).

    Every shard is looked at twice: what matched something decides where the rest is counted, so that memory
    grows with the ground truth and not with the predictions.
    """
    states = _combined(run(partial(_first_look, context=context), shards, label="metrics"), context)
    looks = list(run(partial(_second_look, states=states, context=context), shards, label="metrics"))
    for metric, counts in zip(_recounting(), zip(*looks, strict=True), strict=True):
        if metric.combine_counts is not None:
            states[metric.name] = metric.combine_counts(states[metric.name], list(counts), context)
    rows: dict[str, list[pa.Table]] = {}
    for metric in METRICS:
        for table, part in metric.finish(states[metric.name], context).items():
            rows.setdefault(table, []).append(part)
    return {table: pa.concat_tables(parts, promote_options="permissive") for table, parts in rows.items()}
