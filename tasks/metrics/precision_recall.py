"""Precision and recall over scores: a protocol's numbers, overall and per class, and the curves behind them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.records import Array, MatchedDetections, MatchedShard, MeasureContext, Metric, Number
from tasks.columns import only_read
from tasks.curve_rows import Points, curve_table, draw, drawn_tables
from tasks.kernels.accumulate import finish
from tasks.kernels.events import (
    Counts,
    Events,
    Shard,
    SortedEvents,
    add_counts,
    count_unmatched,
    no_counts,
    sort_events,
)
from tasks.number_rows import EVERY, NumberRows, number_table
from tasks.running import local_run
from tasks.units import live_categories

_NO_TRUTH = "no ground truth that counts"


class Part(NamedTuple):
    """What decides precision and recall: the detections that matched something, and how many annotations count."""

    events: Events
    n_positive: Array
    """int64[K, A]"""
    n_detections: Array
    """int64[K]"""


class State(NamedTuple):
    """The parts of all shards together."""

    events: SortedEvents
    n_positive: Array
    n_detections: Array
    counts: Counts
    """How many detections that matched nothing fall before each event; none are counted yet after `combine`."""


class Arrays(NamedTuple):
    """pycocotools' `eval`; -1 where there is no ground truth. Axes T R K A M."""

    precision: Array
    recall: Array
    scores: Array


def partial(shard: MatchedShard, context: MeasureContext) -> Part:
    """Events and totals of one shard."""
    categories, ranges = len(live_categories(context.categories)), len(context.rules.area_ranges)
    positive = np.zeros((categories, ranges), np.int64)
    for a in range(ranges):
        positive[:, a] = np.bincount(shard.truth_category[shard.truth_counted[:, a]], minlength=categories)
    found, event = shard.detections, shard.event
    events = Events(
        found.category[event],
        found.score[event],
        found.unit_order[event],
        found.rank[event],
        shard.event_tp,
        shard.event_counted,
    )
    return Part(events, positive, np.bincount(found.category, minlength=categories))


def combine(parts: list[Part], _context: MeasureContext) -> State:
    """All events in the order precision is read: class, score, then the official order of ties."""
    events, positive, detections = zip(*parts, strict=True)
    together = Events(*(np.concatenate(column) for column in zip(*events, strict=True)))
    n_positive = np.sum(positive, axis=0)
    in_order = sort_events(together, len(n_positive))
    return State(in_order, n_positive, np.sum(detections, axis=0), no_counts(in_order, 0, 0))


def recount(
    found: MatchedDetections, event: Array, state: State, context: MeasureContext, counts: Counts | None = None
) -> Counts:
    """Where a shard's other detections fall among the events of all, added to those of others."""
    matched = np.zeros(len(found.score), bool)
    matched[event] = True
    columns = (found.category, found.score, found.unit_order, found.rank, found.outside, matched)
    rows, most = Shard(*map(only_read, columns)), np.array(context.rules.max_detections, np.int32)
    return count_unmatched(state.events, [rows], most, len(context.rules.area_ranges), counts)


def combine_counts(state: State, counts: list[Counts], _context: MeasureContext) -> State:
    """Counts are integers: their sums do not depend on how the data was cut, nor does a best score of either zero."""
    found = add_counts(counts)
    return state._replace(counts=found._replace(top_score=found.top_score + 0.0))


def arrays(state: State, context: MeasureContext) -> Arrays:
    """Precision and scores [T, R, K, A, M], recall [T, K, A, M]."""
    rules = context.rules
    return Arrays(
        *finish(
            state.events,
            state.counts,
            state.n_positive,
            len(rules.iou_thresholds),
            np.array(rules.recall_points),
            np.array(rules.max_detections, np.int32),
            local_run(),
        )
    )


def _mean(values: Array) -> float:
    """Mean in the order T, R, K of the reference's flattened array, so that sums agree to the bit; NaN of none."""
    defined = values[values > -1]
    return float(np.mean(defined)) if len(defined) else np.nan


def _means(values: Array) -> Array:
    """`_mean` of each class, float64[K] of [..., K]: numpy adds up a row of many as it adds up that row alone."""
    rows = np.ascontiguousarray(np.moveaxis(values, -1, 0)).reshape(values.shape[-1], -1)
    defined = rows > -1
    whole, means = defined.all(axis=1) & (rows.shape[1] > 0), np.full(len(rows), np.nan)
    if whole.any():
        means[whole] = rows[whole].mean(axis=1)
    for k in np.flatnonzero(defined.any(axis=1) & ~whole):
        means[k] = _mean(rows[k])
    return means


def _values(number: Number, found: Arrays, context: MeasureContext) -> tuple[Array, str]:
    """(value overall and of each class, why one may be missing)."""
    rules = context.rules
    table = found.precision if number.of == "precision" else found.recall
    none = np.full(table.shape[-3] + 1, np.nan)
    a = next((k for k, bounds in enumerate(rules.area_ranges) if bounds.name == number.area_range), None)
    if a is None:
        return none, f"area range {number.area_range} is not among the rules'"
    part = table[..., a, rules.max_detections.index(number.max_detections)]
    if number.threshold is not None:
        if number.threshold not in rules.iou_thresholds:
            return none, f"threshold {number.threshold} is not among the rules'"
        part = part[[rules.iou_thresholds.index(number.threshold)]]
    every = np.ascontiguousarray(part[..., _of(number, context)])
    return np.append(_mean(every), _means(part)), _NO_TRUTH


def _of(number: Number, context: MeasureContext) -> Array:
    """bool[K]: the classes the number is the mean of."""
    frequency = live_categories(context.categories)["frequency"].to_pylist()
    return np.array([not number.frequency or number.frequency == each for each in frequency], bool)


def _number_rows(number: Number, found: Arrays, context: MeasureContext) -> NumberRows:
    value, reason = _values(number, found, context)
    names = [bounds.name for bounds in context.rules.area_ranges]
    a = names.index(number.area_range) if number.area_range in names else -1
    count = len(value)
    return NumberRows(
        number.name,
        value,
        np.arange(EVERY, count - 1),
        np.full(count, a),
        np.full(count, np.nan if number.threshold is None else number.threshold),
        np.full(count, number.max_detections),
        reason,
    )


def _recall_rows(found: Arrays, context: MeasureContext) -> NumberRows:
    """The whole recall array, a row per threshold, class, area range and max detections."""
    t, k, a, m = (axis.ravel() for axis in np.indices(found.recall.shape))
    rules, values = context.rules, found.recall.ravel()
    return NumberRows(
        "recall",
        np.where(values > -1, values, np.nan),
        k,
        a,
        np.array(rules.iou_thresholds)[t],
        np.array(rules.max_detections)[m],
        _NO_TRUTH,
    )


_CLASSES_AT_ONCE = 16
"""Curves of so many classes are rows in memory together."""


def _points(found: Arrays, curve: tuple[Array, ...], context: MeasureContext) -> pa.Table:
    """A row per point of the curves at `curve`: positions k, a, m, t."""
    recall = np.array(context.rules.recall_points)
    shape = len(curve[0]), len(recall)
    k, a, m, t = (np.broadcast_to(axis.astype(np.int32)[:, None], shape).ravel() for axis in curve)
    precision, score = (table.transpose(2, 3, 4, 0, 1)[curve].ravel() for table in (found.precision, found.scores))
    return curve_table(Points(k, a, m, t, np.tile(recall, len(curve[0])), precision, score), context)


def _curves(found: Arrays, context: MeasureContext) -> Iterator[pa.Table]:
    """The points of all curves, some classes at a time; a class without ground truth has no curve."""
    there = found.recall.transpose(1, 2, 3, 0) > -1  # K A M T
    for first in range(0, len(there), _CLASSES_AT_ONCE):
        k, a, m, t = np.nonzero(there[first : first + _CLASSES_AT_ONCE])
        yield _points(found, (k + first, a, m, t), context)


def _found(state: State, context: MeasureContext) -> tuple[Arrays, Iterator[pa.Table]]:
    """What numbers are the means of, and the curves behind them, by the protocol's rule."""
    rule = context.protocol.interpolation
    if rule is None:
        found = arrays(state, context)
        return found, _curves(found, context)
    drawn = draw(state.events, state.counts, state.n_positive, rule, context)
    value = drawn.value[:, None]  # in the place of precision at the recall points: one, the average
    return Arrays(value, drawn.recall, value), drawn_tables(drawn, context)


def finish_rows(state: State, context: MeasureContext) -> Mapping[str, Iterable[pa.Table]]:
    """Rows of `metrics` and `curves`."""
    found, curves = _found(state, context)
    means = [number for number in context.protocol.numbers(context.rules) if number.of in ("precision", "recall")]
    kinds = [_number_rows(number, found, context) for number in means]
    kinds.append(_recall_rows(found, context))
    return {
        "metrics": [number_table(kinds, context, state.n_positive, state.n_detections)],
        "curves": curves,
    }


METRIC = Metric(
    name="precision_recall",
    partial=partial,
    combine=combine,
    recount=recount,
    combine_counts=combine_counts,
    finish=finish_rows,
)
