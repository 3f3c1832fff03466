"""Scores of single data units at the protocol's lowest threshold: the images to look at first."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.records import Array, MatchedShard, MeasureContext, Metric
from schemas.tables import UNIT_SCORES
from tasks.columns import completed, numbers, only_read
from tasks.kernels.counts import count_units
from tasks.number_rows import labels
from tasks.shards import sides_of


class State(NamedTuple):
    """Per row of `data_units`; a unit lies in one shard, so sums over shards only add zeros."""

    counts: Array
    """int64[4, U]: tp, fp, fn, ignored."""
    similarity: Array
    """float64[U]: sum over the true positives, in the stored order."""


def partial(shard: MatchedShard, context: MeasureContext) -> State:
    """First area range, first threshold; predictions beyond max detections are in no count."""
    most = context.rules.max_detections[-1]
    return State(*count_units(*sides_of(shard), only_read(shard.similarity), most, len(context.units)))


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


METRIC = Metric(name="unit_scores", partial=partial, combine=combine, finish=finish, sliced=False)
