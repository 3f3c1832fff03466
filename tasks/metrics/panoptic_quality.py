"""Panoptic quality: PQ = sum of IoU / (TP + FP / 2 + FN / 2) = SQ x RQ, per class and averaged over classes.

Averages are over classes that a segment on either side has, over all and over things and stuff where the project says
which is which. Source: Kirillov et al. (2019), "Panoptic Segmentation", section 4; panopticapi's evaluation.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Array, MeasureContext, Metric
from tasks.class_mapping import class_positions, measured_classes
from tasks.columns import numbers
from tasks.pixels.numbers import Value, defined, unit_table, value_table

_NO_SEGMENTS = "no segment of it counts"


class Segments(NamedTuple):
    """Segments of one side of a bucket: unit_key, category_key, and what became of each."""

    unit_key: Array
    category_key: Array
    outcome: Array
    """TP, FP, FN or ignored."""
    iou: Array
    """float64[n], with the partner; NaN without, and on the annotated side."""


class Found(NamedTuple):
    """A bucket's predicted and annotated segments."""

    predicted: Segments
    annotated: Segments


class State(NamedTuple):
    """Integers, and the IoU of matches: as many as annotations at most, summed exactly when all are there."""

    counts: Array
    """int64[4, C]: segments of each of KINDS, by class."""
    category: Array
    """int64[n]: class of each match."""
    iou: Array
    """float64[n]"""
    unit_key: Array
    """int64[U], ascending: units with segments."""
    unit_counts: Array
    """int64[4, U]"""
    unit_iou: Array
    """float64[U]: sums of the IoU of matches; a unit lies in one bucket."""


KINDS = ("TP", "FP", "FN", "ignored")


def _counts(kind: Array, place: Array, count: int) -> Array:
    """int64[4, count]: segments of each kind at each place."""
    counts = np.zeros((len(KINDS), count), np.int64)
    np.add.at(counts, (kind, place), 1)
    return counts


def _sums(values: Array, place: Array, count: int) -> Array:
    """float64[count]: exact sums of the values of each place, rounded once."""
    order = np.argsort(place, kind="stable")
    bounds = np.searchsorted(place[order], np.arange(count + 1))
    return np.array([math.fsum(values[order[start:stop]]) for start, stop in pairwise(bounds.tolist())])


def partial(found: Found, context: MeasureContext) -> State:
    """A bucket's segments; a match is counted on the predicted side, a miss on the annotated one."""
    position = class_positions(context.categories)
    kept = []
    for segments, kinds in ((found.predicted, ("TP", "FP", "ignored")), (found.annotated, ("FN",))):
        which = np.isin(segments.outcome, kinds) & (position[segments.category_key] >= 0)
        kind = np.array([KINDS.index(word) for word in segments.outcome[which].tolist()], np.int64)
        columns = position[segments.category_key[which]].astype(np.int64), segments.unit_key[which]
        kept.append((kind, *columns, segments.iou[which]))
    kind, category, key, iou = (np.concatenate(column) for column in zip(*kept, strict=True))
    unit_key, unit = np.unique(key, return_inverse=True)
    true = kind == KINDS.index("TP")
    return State(
        _counts(kind, category, len(measured_classes(context.categories))),
        category[true],
        iou[true],
        unit_key,
        _counts(kind, unit, len(unit_key)),
        _sums(iou[true], unit[true], len(unit_key)),
    )


def combine(states: list[State], _context: MeasureContext) -> State:
    """Sums of counts; matches and units beside each other, units by key."""
    counts, category, iou, unit_key, unit_counts, unit_iou = zip(*states, strict=True)
    keys = np.concatenate(unit_key)
    order = np.argsort(keys)
    units = keys[order], np.concatenate(unit_counts, axis=1)[:, order], np.concatenate(unit_iou)[order]
    return State(np.sum(counts, axis=0), np.concatenate(category), np.concatenate(iou), *units)


class _Quality(NamedTuple):
    """Of C classes, float64[C]; NaN where no segment counts."""

    PQ: Array
    SQ: Array
    RQ: Array


def _quality(iou_sum: Array, counts: Array) -> _Quality:
    true, false, missed, _ = counts
    weight = true + 0.5 * false + 0.5 * missed
    there = weight > 0

    def share(part: Array, whole: Array) -> Array:
        value = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
        return np.where(there, value, np.nan)

    return _Quality(share(iou_sum, weight), share(iou_sum, true), share(true.astype(float), weight))


def _means(quality: _Quality, is_thing: list[bool | None]) -> Iterator[Value]:
    groups: tuple[tuple[str, Callable[[bool | None], bool]], ...] = (
        ("", lambda thing: True),
        ("_things", lambda thing: thing is True),
        ("_stuff", lambda thing: thing is False),
    )
    for suffix, inside in groups:
        which = np.array([inside(thing) for thing in is_thing], bool)
        for name, values in quality._asdict().items():
            kept = values[which & ~np.isnan(values)]
            value = math.fsum(kept) / len(kept) if len(kept) else None
            yield Value(name + suffix, value, "no class has a segment that counts")


def _by_class(quality: _Quality, counts: Array, classes: pa.Table) -> Iterator[Value]:
    true, false, missed, ignored = counts
    totals = list(zip((true + missed).tolist(), (true + false + ignored).tolist(), strict=True))
    named = list(zip(classes["category_key"].to_pylist(), classes["name"].to_pylist(), totals, strict=True))
    for metric, values in quality._asdict().items():
        for value, (key, name, total) in zip(values, named, strict=True):
            yield Value(metric, defined(value), _NO_SEGMENTS, key, name, *total)
    for metric, values in zip(KINDS, counts, strict=True):
        for value, (key, name, total) in zip(values, named, strict=True):
            yield Value(metric, float(value), "", key, name, *total)


def _unit_scores(state: State, context: MeasureContext) -> pa.Table:
    """The units with segments, by key."""
    true = state.unit_counts[0]
    mean = np.divide(state.unit_iou, true, out=np.full(len(true), np.nan), where=true > 0)
    scores = dict(zip(("tp", "fp", "fn", "ignored"), state.unit_counts, strict=True))
    return unit_table(state.unit_key, {**scores, "mean_iou": mean}, context)


def finish(state: State, context: MeasureContext) -> Mapping[str, Iterable[pa.Table]]:
    """Rows of `metrics` and `unit_scores`."""
    classes = measured_classes(context.categories)
    quality = _quality(_sums(state.iou, state.category, len(classes)), state.counts)
    values = [*_means(quality, classes["is_thing"].to_pylist()), *_by_class(quality, state.counts, classes)]
    return {"metrics": [value_table(values, context)], "unit_scores": [_unit_scores(state, context)]}


def segments_of(table: pa.Table) -> Segments:
    """Rows of `matches` or `ground_truth_matches` of the engine `panoptic` as arrays."""
    outcome = table["outcomes"].combine_chunks()
    iou = numbers(table["matched_similarity"]) if "matched_similarity" in table.column_names else None
    return Segments(
        numbers(table["unit_key"]),
        numbers(table["category_key"]),
        np.array(outcome.flatten().to_pylist(), object),
        np.full(len(table), np.nan) if iou is None else iou,
    )


METRIC = Metric(name="panoptic_quality", partial=partial, combine=combine, finish=finish)
