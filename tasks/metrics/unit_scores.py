"""Scores of single data units at the protocol's lowest threshold: the images to look at first."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.records import Array, MatchedShard, MeasureContext, Metric
from schemas.tables import UNIT_SCORES
from tasks.columns import completed, numbers
from tasks.match_tables import bits
from tasks.number_rows import labels


class State(NamedTuple):
    """Per row of `data_units`; a unit lies in one shard, so sums over shards only add zeros."""

    counts: Array
    """int64[4, U]: tp, fp, fn, ignored."""
    similarity: Array
    """float64[U]: sum over the true positives, in the stored order."""


def _count(unit: Array, flags: Array, units: int) -> Array:
    return np.bincount(unit[flags], minlength=units)


def partial(shard: MatchedShard, context: MeasureContext) -> State:
    """First area range, first threshold; predictions beyond max detections are in no count."""
    units, lowest, found = len(context.units), 0, shard.detections
    true = np.zeros(len(found.score), bool)
    counted = ~bits(found.outside, 1)[:, 0]
    true[shard.event] = shard.event_tp[:, 0, lowest]
    counted[shard.event] = shard.event_counted[:, 0, lowest]
    taking = found.rank < context.rules.max_detections[-1]
    missed = shard.truth_counted[:, 0] & ~shard.truth_found[:, 0, lowest]
    counts = [
        _count(found.unit, true & taking, units),
        _count(found.unit, ~true & counted & taking, units),
        _count(shard.truth_unit, missed, units),
        _count(found.unit, ~counted & taking, units),
    ]
    similarity = np.bincount(found.unit[true], shard.similarity[true], minlength=units)
    return State(np.stack(counts), similarity)


def combine(states: list[State], _context: MeasureContext) -> State:
    """Sums; of floats only x + 0."""
    return State(*(sum(parts) for parts in zip(*states, strict=True)))


def finish(state: State, context: MeasureContext) -> Mapping[str, Iterable[pa.Table]]:
    """Rows of `unit_scores`, one per live unit, by falling share of what is false or missed, then by unit."""
    live = ~numbers(context.units["retired"], missing=False)
    units = context.units.filter(pa.array(live))
    true, false, missed, ignored = state.counts[:, live]
    count, nothing = len(units), true == 0
    judged = true + false + missed
    wrong = (false + missed) / np.maximum(judged, 1)
    columns = {
        **labels(context, count),
        **{name: units[name] for name in ("unit_key", "data_hash", "frame")},
        "threshold": pa.array(np.full(count, context.rules.iou_thresholds[0])),
        **{
            name: pa.array(column)
            for name, column in zip(("tp", "fp", "fn", "ignored"), (true, false, missed, ignored), strict=True)
        },
        "mean_iou": pa.array(state.similarity[live] / np.maximum(true, 1), mask=nothing),
        "disagreement": pa.array(wrong, mask=judged == 0),
    }
    kept = {name: column for name, column in columns.items() if name in UNIT_SCORES.fields}
    worst_first = np.lexsort((numbers(units["unit_key"]), -wrong))
    return {"unit_scores": [completed(kept, UNIT_SCORES.schema, count).take(pa.array(worst_first))]}


METRIC = Metric(name="unit_scores", partial=partial, combine=combine, finish=finish)
