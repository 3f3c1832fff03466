"""Whether scores are probabilities: predictions in bins of similar score, and how many of each bin are right.

Guo et al., On Calibration of Modern Neural Networks, ICML 2017: bins are open below and closed above (hotcoco's are
closed below).
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.records import Array, MatchedShard, MeasureContext, Metric
from schemas.tables import CALIBRATION_BINS
from tasks.columns import completed, only_read
from tasks.kernels.calibration import WORD, bin_sums
from tasks.number_rows import EVERY, NumberRows, category_columns, labels, number_table
from tasks.units import live_categories

BINS = 10
_EDGES = np.arange(BINS + 1) / BINS


class State(NamedTuple):
    """Whole numbers per class, threshold and bin, [K, T, BINS], but for the last."""

    n: Array
    true: Array
    high: Array
    """Sum of scores, in 2^-26."""
    low: Array
    """What is left of it, in 2^-52."""
    outside: Array
    """int64[K]: scores below 0 or above 1."""
    n_ground_truth: Array
    """int64[K, 1]: annotations that count."""


def partial(shard: MatchedShard, context: MeasureContext) -> State:
    """Sums of one shard, in the first area range: true and false positives, up to the most detections."""
    classes, found, event = len(live_categories(context.categories)), shard.detections, shard.event
    unmatched = found.error > 0
    unmatched[event] = False
    category, score, event, true, counted = map(
        only_read, (found.category, found.score, event, shard.event_tp, shard.event_counted)
    )
    sums = bin_sums(category, score, only_read(unmatched), event, true, counted, _EDGES, classes)
    beyond = (found.score < 0) | (found.score > 1)
    positive = np.bincount(shard.truth_category[shard.truth_counted[:, 0]], minlength=classes)
    return State(*sums, np.bincount(found.category[beyond], minlength=classes), positive[:, None])


def combine(states: list[State], _context: MeasureContext) -> State:
    """Sums of integers."""
    return State(*(np.sum(parts, axis=0) for parts in zip(*states, strict=True)))


def _with_all(state: State) -> State:
    """All classes together before each."""
    return State(*(np.concatenate([part.sum(axis=0)[None], part]) for part in state))


class Bins(NamedTuple):
    """Per class (the first: all together), threshold and bin; NaN where a bin is empty."""

    n: Array
    mean_score: Array
    share_true: Array


def bins_of(state: State) -> Bins:
    """Mean score and precision of each bin, [K + 1, T, BINS]."""
    every = _with_all(state)
    n = np.where(every.n > 0, every.n, np.nan)
    score = (every.high / WORD + every.low / WORD**2) / n
    return Bins(every.n, score, every.true / n)


def errors_of(bins: Bins) -> tuple[Array, Array]:
    """(ECE, MCE), [K + 1, T]: mean over predictions, and highest, of a bin's |precision - mean score|; NaN of none."""
    gap = np.nan_to_num(np.abs(bins.share_true - bins.mean_score))
    total = bins.n.sum(axis=2)
    some = np.where(total > 0, total, np.nan)
    return (gap * bins.n).sum(axis=2) / some, np.where(total > 0, gap.max(axis=2), np.nan)


def _number_rows(name: str, values: Array, classes: Array, context: MeasureContext, reason: str) -> NumberRows:
    """Rows of the classes at places `classes` of `values` [K + 1, T]."""
    thresholds = np.array(context.rules.iou_thresholds)
    k, t = (axis.ravel() for axis in np.meshgrid(classes, np.arange(len(thresholds)), indexing="ij"))
    most = np.full(len(k), context.rules.max_detections[-1])
    return NumberRows(name, values[k, t], k + EVERY, np.zeros(len(k), int), thresholds[t], most, reason)


def _bin_rows(bins: Bins, probable: Array, context: MeasureContext) -> pa.Table:
    """The bins that hold something, of classes whose scores can be probabilities, bool[K + 1]."""
    k, t, b = np.nonzero(bins.n * probable[:, None, None])
    columns = {
        **labels(context, len(k)),
        **category_columns(k + EVERY, context),
        "threshold": np.array(context.rules.iou_thresholds)[t],
        "bin_low": _EDGES[b],
        "bin_high": _EDGES[b + 1],
        "n_counted": bins.n[k, t, b],
        "mean_score": bins.mean_score[k, t, b],
        "share_true": bins.share_true[k, t, b],
    }
    return completed(columns, CALIBRATION_BINS.schema, len(k))


def finish(state: State, context: MeasureContext) -> Mapping[str, Iterable[pa.Table]]:
    """Rows of `metrics`: ECE and MCE per threshold; and of `calibration_bins`. No scores beyond 0 to 1 have either."""
    bins = bins_of(state)
    probable = _with_all(state).outside == 0
    kinds = []
    for name, values in zip(("ECE", "MCE"), errors_of(bins), strict=True):
        told = np.where(probable[:, None], values, np.nan)
        reasons = {True: "no predictions that count", False: "scores are not all between 0 and 1"}
        kinds += [
            _number_rows(name, told, np.flatnonzero(probable == sure), context, why) for sure, why in reasons.items()
        ]
    n_ground_truth = np.repeat(state.n_ground_truth, len(context.rules.area_ranges), axis=1)
    metrics = number_table(kinds, context, n_ground_truth, state.n[:, 0].sum(axis=1))
    return {"metrics": [metrics], "calibration_bins": [_bin_rows(bins, probable, context)]}


METRIC = Metric(name="calibration", partial=partial, combine=combine, finish=finish)
