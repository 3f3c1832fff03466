"""What each kind of error costs: the average precision that would be gained without it, as TIDE counts.

Bolya et al., TIDE, ECCV 2020; rules of tidecv 1.0.1 (`fix_main_errors`, `fix_special_errors`), at the lowest threshold,
over COCO's matches. Each kind is mended by itself: a Cls or Loc error that is the best scored of those that are nearest
to an annotation nobody found becomes its true positive, and all other errors of the kind go away.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.records import Array, MatchedDetections, MatchedShard, MeasureContext, Metric
from tasks.columns import only_read
from tasks.kernels.accumulate import finish as precision_recall
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
from tasks.units import live_categories, unit_index

WORLDS = ("as it is", "Cls", "Loc", "Both", "Dupe", "Bkg", "Miss", "FP", "FN")
"""What is mended; a world each, in the place of an area range. Codes of TIDE's errors are places here."""
_CLS, _LOC, _BKG, _MISS, _FP, _FN = (WORLDS.index(name) for name in ("Cls", "Loc", "Bkg", "Miss", "FP", "FN"))
_RECALLS = np.arange(101) / 100


class Part(NamedTuple):
    """True positives, and what could become one; how many annotations there are in each world."""

    events: Events
    n_positive: Array
    """int64[K, 9]"""
    n_predictions: Array
    """int64[K]"""


class State(NamedTuple):
    """The parts of all shards, and how many false positives of each world fall before each event."""

    events: SortedEvents
    n_positive: Array
    n_predictions: Array
    counts: Counts


def _true_in(count: int, worlds: Iterable[int]) -> Array:
    """bool[count, 9, 1]: true in these worlds, and not there in the others."""
    there = np.zeros((count, len(WORLDS), 1), bool)
    there[:, list(worlds)] = True
    return there


def _mended(shard: MatchedShard, context: MeasureContext) -> tuple[list[Events], Array]:
    """(what becomes true where Cls, or Loc, is mended; bool[G]: annotations that nobody found and nothing can mend)."""
    claims = shard.claims
    there = ~np.isnan(claims.mended_score)
    own = claims.mended_category == shard.truth_category
    units = unit_index(context.units).ties(context.rules.tie_order)
    events = []
    for world, rows in ((_CLS, there & ~own), (_LOC, there & own)):
        true, rank = _true_in(int(rows.sum()), [world]), np.zeros(int(rows.sum()), np.int32)
        unit = units[shard.truth_unit[rows]]
        events.append(Events(shard.truth_category[rows], claims.mended_score[rows], unit, rank, true, true))
    return events, shard.truth_counted[:, 0] & np.isnan(claims.found_score) & ~there


def partial(shard: MatchedShard, context: MeasureContext) -> Part:
    """Events and totals of one shard, in the first area range at the lowest threshold."""
    classes, found = len(live_categories(context.categories)), shard.detections
    rows = shard.event[shard.event_tp[:, 0, 0]]
    true = _true_in(len(rows), range(len(WORLDS)))
    known = Events(found.category[rows], found.score[rows], found.unit_order[rows], found.rank[rows], true, true)
    mended, lost = _mended(shard, context)
    counted = np.bincount(shard.truth_category[shard.truth_counted[:, 0]], minlength=classes)
    n_positive = np.repeat(counted[:, None], len(WORLDS), axis=1)
    n_positive[:, _MISS] -= np.bincount(shard.truth_category[lost], minlength=classes)
    n_positive[:, _FN] = np.bincount(found.category[rows], minlength=classes)
    events = Events(*(np.concatenate(column) for column in zip(known, *mended, strict=True)))
    return Part(events, n_positive, np.bincount(found.category, minlength=classes))


def combine(parts: list[Part], _context: MeasureContext) -> State:
    """All events in the order precision is read."""
    events, positive, predictions = zip(*parts, strict=True)
    n_positive = np.sum(positive, axis=0)
    together = Events(*(np.concatenate(column) for column in zip(*events, strict=True)))
    in_order = sort_events(together, len(n_positive))
    return State(in_order, n_positive, np.sum(predictions, axis=0), no_counts(in_order, 0, 0))


def _absent() -> Array:
    """uint64[6]: by code of error, the worlds in which such a false positive is not there."""
    kinds = range(_CLS, _BKG + 1)
    return np.array([0, *(1 << kind | 1 << _FP for kind in kinds)], np.uint64)


def recount(
    found: MatchedDetections, _event: Array, state: State, _context: MeasureContext, counts: Counts | None = None
) -> Counts:
    """Where a shard's false positives, of any rank, fall among the events of all, added to those of others."""
    columns = (found.category, found.score, found.unit_order, found.rank, _absent()[found.error], found.error == 0)
    most = np.array([found.rank.max(initial=0) + 1], np.int32)  # those beyond the most detections are no errors
    return count_unmatched(state.events, [Shard(*map(only_read, columns))], most, len(WORLDS), counts)


def combine_counts(state: State, counts: list[Counts], _context: MeasureContext) -> State:
    """Sums of integers."""
    return state._replace(counts=add_counts(counts))


def average_precisions(state: State) -> Array:
    """float64[K, 9]: of each class in each world; NaN without ground truth, 0 where what is mended leaves none."""
    most = np.array([np.iinfo(np.int32).max], np.int32)
    # scores are not read, but a class without a detection of its own must not be taken for empty: Cls errors mend it
    counts = state.counts._replace(top_score=np.zeros_like(state.counts.top_score))
    precision, _, _ = precision_recall(state.events, counts, state.n_positive, 1, _RECALLS, most)
    average = precision[0, :, :, :, 0].mean(axis=0)
    return np.where(state.n_positive[:, :1] == 0, np.nan, np.maximum(average, 0.0))


def deltas(average: Array) -> Array:
    """float64[K + 1, 8]: gains over the mean of the classes, then of each; those of Cls to Miss at least 0."""
    defined = average[~np.isnan(average[:, 0])]
    mean = defined.mean(axis=0) if len(defined) else np.full(len(WORLDS), np.nan)
    rows = np.concatenate([mean[None], average])
    gain = rows[:, 1:] - rows[:, :1]
    gain[:, :_MISS] = np.maximum(gain[:, :_MISS], 0.0)
    return gain


def finish(state: State, context: MeasureContext) -> Mapping[str, Iterable[pa.Table]]:
    """Rows of `metrics`: dAP_Cls, ... dAP_FN."""
    gain, rules = deltas(average_precisions(state)), context.rules
    count, reason = len(gain), "no ground truth that counts"
    categories, most = np.arange(EVERY, count - 1), np.full(count, rules.max_detections[-1])
    threshold, whole = np.full(count, rules.iou_thresholds[0]), np.zeros(count, int)
    kinds = [
        NumberRows(f"dAP_{name}", gain[:, place], categories, whole, threshold, most, reason)
        for place, name in enumerate(WORLDS[1:])
    ]
    n_ground_truth = np.repeat(state.n_positive[:, :1], len(rules.area_ranges), axis=1)
    return {"metrics": [number_table(kinds, context, n_ground_truth, state.n_predictions)]}


METRIC = Metric(
    name="error_deltas",
    partial=partial,
    combine=combine,
    recount=recount,
    combine_counts=combine_counts,
    finish=finish,
)
