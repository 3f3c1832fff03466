"""Counts of outcomes per class, area range and threshold: they add up to the predictions and the annotations."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.errors import BoxscoreError
from schemas.records import Array, MatchedShard, MeasureContext, Metric
from tasks.kernels.counts import count_outcomes
from tasks.number_rows import EVERY, NumberRows, number_table
from tasks.shards import sides_of
from tasks.units import live_categories

NAMES = ("TP", "FP", "ignored", "beyond_max_detections", "FN", "ignored_ground_truth")


class State(NamedTuple):
    """Integers only: whole = combined parts, whatever the parts."""

    outcomes: Array
    """int64[6, K, A, T], in the order of NAMES."""
    n_predictions: Array
    """int64[K]"""
    n_ground_truth: Array
    """int64[K]"""


def partial(shard: MatchedShard, context: MeasureContext) -> State:
    """Counts of one shard, checked: every prediction and every annotation is in exactly one outcome."""
    categories = len(live_categories(context.categories))
    found, known = sides_of(shard)
    state = State(
        count_outcomes(found, known, context.rules.max_detections[-1], categories),
        np.bincount(shard.detections.category, minlength=categories),
        np.bincount(shard.truth_category, minlength=categories),
    )
    _reconcile(state)
    return state


def _reconcile(state: State) -> None:
    true, false, ignored, beyond, missed, ignored_truth = state.outcomes
    if (true + false + ignored + beyond != state.n_predictions[:, None, None]).any():
        raise BoxscoreError("TP + FP + ignored + beyond max detections is not the number of predictions")
    if (true + missed + ignored_truth != state.n_ground_truth[:, None, None]).any():
        raise BoxscoreError("TP + FN + ignored is not the number of annotations")


def combine(states: list[State], _context: MeasureContext) -> State:
    """Sums."""
    return State(*(sum(parts) for parts in zip(*states, strict=True)))


def _rows(name: str, counts: Array, context: MeasureContext) -> NumberRows:
    """Rows for all classes together and for each; counts int64[K, A, T]."""
    with_sum = np.concatenate([counts.sum(axis=0)[None], counts])
    k, a, t = (axis.ravel() for axis in np.indices(with_sum.shape))
    most = context.rules.max_detections[-1]
    thresholds = np.array(context.rules.iou_thresholds)
    return NumberRows(name, with_sum.ravel().astype(float), k + EVERY, a, thresholds[t], np.full(len(k), most), "")


def finish(state: State, context: MeasureContext) -> Mapping[str, Iterable[pa.Table]]:
    """Rows of `metrics`: the six counts."""
    true, missed = state.outcomes[0], state.outcomes[4]
    kinds = [_rows(name, counts, context) for name, counts in zip(NAMES, state.outcomes, strict=True)]
    return {"metrics": [number_table(kinds, context, (true + missed)[:, :, 0], state.n_predictions)]}


METRIC = Metric(name="outcome_counts", partial=partial, combine=combine, finish=finish)
