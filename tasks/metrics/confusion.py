"""Which class is taken for which: annotations by the class they were found as, with background on both sides."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.records import Array, MatchedShard, MeasureContext, Metric
from schemas.tables import CONFUSION
from tasks.columns import completed, numbers, only_read
from tasks.kernels.counts import count_scored
from tasks.number_rows import labels
from tasks.units import live_categories

SCORES = (-np.inf, 0.25, 0.5, 0.75)
"""Lowest scores of the predictions that are counted; the first counts all, and is null in the table."""
BACKGROUND = -1


class State(NamedTuple):
    """Sparse, since most pairs of classes never meet; P pairs, S scores."""

    pair: Array
    """int64[P], ascending: (place in SCORES, annotated class, predicted class or K for none) as one number."""
    n: Array
    """int64[P]"""
    predicted: Array
    """int64[S, K]: predictions that are true or false."""


def _pairs(shard: MatchedShard, lowest: float, classes: int) -> Array:
    """int64[G']: annotated class and what it was found as, of the annotations that count.

    One that its own class missed goes to the false positive that has it as its best of another class, and each false
    positive has but one: so no prediction is in two pairs.
    """
    counts, claims = shard.truth_counted[:, 0], shard.claims
    taken = np.where(claims.confused_score >= lowest, claims.confused_category, classes)
    seen = np.where(claims.found_score >= lowest, shard.truth_category, taken)
    return shard.truth_category[counts].astype(np.int64) * (classes + 1) + seen[counts]


def partial(shard: MatchedShard, context: MeasureContext) -> State:
    """Pairs of one shard, in the first area range at the lowest threshold."""
    classes, found = len(live_categories(context.categories)), shard.detections
    judged = found.error > 0
    judged[shard.event] |= shard.event_tp[:, 0, 0]
    stride = classes * (classes + 1)
    pairs = [place * stride + _pairs(shard, lowest, classes) for place, lowest in enumerate(SCORES)]
    predicted = count_scored(only_read(found.category), only_read(found.score), judged, np.array(SCORES), classes)
    return State(*np.unique(np.concatenate(pairs), return_counts=True), predicted)


def combine(states: list[State], _context: MeasureContext) -> State:
    """Sums of integers."""
    pair, place = np.unique(np.concatenate([state.pair for state in states]), return_inverse=True)
    n = np.zeros(len(pair), np.int64)
    np.add.at(n, place, np.concatenate([state.n for state in states]))
    return State(pair, n, np.sum([state.predicted for state in states], axis=0))


def _with_background(state: State, classes: int) -> tuple[Array, Array, Array, Array]:
    """(place in SCORES, annotated, predicted, n): predictions that are in no pair have background, K, as annotated."""
    place, rest = np.divmod(state.pair, classes * (classes + 1))
    annotated, predicted = np.divmod(rest, classes + 1)
    left = np.pad(state.predicted, ((0, 0), (0, 1)))
    np.subtract.at(left, (place, predicted), state.n)
    s, k = np.nonzero(left[:, :classes])
    rows = (place, s), (annotated, np.full(len(k), classes)), (predicted, k), (state.n, left[s, k])
    return tuple(np.concatenate(column) for column in rows)  # type: ignore[return-value]


def finish(state: State, context: MeasureContext) -> Mapping[str, Iterable[pa.Table]]:
    """Rows of `confusion`, without pairs that never met."""
    live = live_categories(context.categories)
    keys = np.append(numbers(live["category_key"]), BACKGROUND).astype(np.int32)
    place, annotated, predicted, n = _with_background(state, len(live))
    columns = {
        **labels(context, len(n)),
        "threshold": np.full(len(n), context.rules.iou_thresholds[0]),
        "score_threshold": pa.array(np.array(SCORES)[place], mask=place == 0),
        "ground_truth_category": keys[annotated],
        "predicted_category": keys[predicted],
        "n": n,
    }
    return {"confusion": [completed(columns, CONFUSION.schema, len(n))]}


METRIC = Metric(name="confusion", partial=partial, combine=combine, finish=finish)
