"""Metrics: partial states of every bucket, combined to the bit, finished into rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

import pyarrow as pa

from schemas.judging import MeasureContext, Metric
from schemas.records import Run
from tasks.engine import Rows
from tasks.metrics import METRICS


class Reading(NamedTuple):
    """How an engine's buckets become what its metrics take; a bucket is small and can go to another process."""

    first: Callable[[Any, MeasureContext], tuple[Any, Any]]
    """bucket -> (what `partial` takes, what must be kept for a second look; None where there is none)."""
    second: Callable[[Any, MeasureContext], Any] | None = None
    """bucket -> what `recount` takes beside what was kept."""


class _Look(NamedTuple):
    """What one look at a bucket gives."""

    kept: Any
    states: list[Any]
    """Of every metric."""


def _first_look(bucket: Any, metrics: Sequence[Metric], reading: Reading, context: MeasureContext) -> _Look:
    matched, kept = reading.first(bucket, context)
    return _Look(kept, [metric.partial(matched, context) for metric in metrics])


def _second_look(
    work: tuple[Any, Any], recount: Mapping[str, Callable[..., Any]], reading: Reading, states: Mapping[str, Any],
    context: MeasureContext,
) -> list[Any]:  # fmt: skip
    bucket, kept = work
    assert reading.second is not None, "metrics that recount belong to an engine that reads again"
    found = reading.second(bucket, context)
    return [count(found, kept, states[name], context) for name, count in recount.items()]


def _count_again(
    buckets: Sequence[Any],
    looks: Sequence[_Look],
    metrics: Sequence[Metric],
    reading: Reading,
    states: dict[str, Any],
    context: MeasureContext,
    run: Run,
) -> None:
    """Let the metrics that ask for it look again, now that all states are combined."""
    recount = {metric.name: metric.recount for metric in metrics if metric.recount is not None}
    if not recount:
        return
    again = [(bucket, look.kept) for bucket, look in zip(buckets, looks, strict=True)]
    work = partial(_second_look, recount=recount, reading=reading, states=dict(states), context=context)
    counted = list(run(work, again, label="curves"))
    for metric, counts in zip((m for m in metrics if m.recount is not None), zip(*counted, strict=True), strict=True):
        if metric.combine_counts is not None:
            states[metric.name] = metric.combine_counts(states[metric.name], list(counts), context)


def measure(buckets: Sequence[Any], reading: Reading, engine: str, context: MeasureContext, run: Run) -> Rows:
    """Rows by table name, piece by piece, of all metrics of an engine over all buckets (at least one).

    Buckets are looked at once, or twice where a metric asks for it: then what the first look found decides where the
    rest is counted, so that memory grows with the ground truth and not with the predictions.
    """
    metrics = [metric for metric in METRICS if metric.engine == engine]
    looks = list(run(partial(_first_look, metrics=metrics, reading=reading, context=context), buckets, label="metrics"))
    by_metric = zip(*(look.states for look in looks), strict=True)
    states = {m.name: m.combine(list(parts), context) for m, parts in zip(metrics, by_metric, strict=True)}
    _count_again(buckets, looks, metrics, reading, states, context, run)
    rows: dict[str, list[Iterable[pa.Table]]] = {}
    for metric in metrics:
        for table, part in metric.finish(states[metric.name], context).items():
            rows.setdefault(table, []).append(part)
    return {table: chain.from_iterable(parts) for table, parts in rows.items()}
