"""KITTI's average precision: cut-offs from the scores of true positives, then precision at each of them."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Array, MeasureContext, Metric
from tasks.class_mapping import measured_classes
from tasks.curve_rows import Points, curve_table
from tasks.kernels.kitti import ByAnnotation, Scene, counts_at, cut_offs, true_positive_scores
from tasks.kitti.levels import EVALUATED, OVERLAPS
from tasks.number_rows import EVERY, NumberRows, number_table

_STEPS = 40
"""Recalls 0, 1/40, ... 1."""
_READ_AT = {"R40": slice(1, None), "R11": slice(None, None, 4)}
_NO_VALUE = "not evaluated: KITTI knows cars, pedestrians and cyclists, and needs annotations that count at the level"
Cell = tuple[int, int, int]
"""Place among EVALUATED, of the level, of the threshold."""


class Bucket(NamedTuple):
    """A bucket as the kernels take it."""

    scene: Scene
    near: ByAnnotation
    unit_key: Array
    """int64[U]"""
    annotation_key: Array
    """int64[G]"""


class State(NamedTuple):
    """Scores and cut-offs by cell, and totals that add up."""

    scores: dict[Cell, Array]
    """Of the first pass' true positives."""
    n_positive: Array
    """int64[C, A] over EVALUATED: annotations that count."""
    n_predictions: Array
    """int64[C]"""
    cut_offs: dict[Cell, Array]
    counts: dict[Cell, Array]
    """int64[n, 2]: true and false positives at each cut-off."""


def _cells(context: MeasureContext) -> list[Cell]:
    rules = context.rules
    shape = (len(EVALUATED), len(rules.area_ranges), len(rules.iou_thresholds))
    return [(k, a, t) for k, a, t in np.ndindex(shape)]


def _per_class(classes: Array, flags: Array) -> Array:
    return np.bincount(classes[flags], minlength=len(EVALUATED))


def partial(bucket: Bucket, context: MeasureContext) -> State:
    """The first pass over one bucket."""
    scene, near = bucket.scene, bucket.near
    thresholds, levels = context.rules.iou_thresholds, range(len(context.rules.area_ranges))
    scores = {(k, a, t): true_positive_scores(scene, near, k, a, thresholds[t]) for k, a, t in _cells(context)}
    easy = [(scene.gt_hard >> np.uint64(a)) & np.uint64(1) == 0 for a in levels]
    n_positive = np.stack([_per_class(scene.gt_class, (scene.gt_class >= 0) & flags) for flags in easy], axis=1)
    return State(scores, n_positive, _per_class(scene.dt_class, scene.dt_class >= 0), {}, {})


def combine(states: list[State], context: MeasureContext) -> State:
    """All scores, and the cut-offs they give."""
    scores = {cell: np.concatenate([state.scores[cell] for state in states]) for cell in _cells(context)}
    n_positive = np.sum([state.n_positive for state in states], axis=0)
    chosen = {
        (k, a, t): cut_offs(found, max(int(n_positive[k, a]), 1), _STEPS) for (k, a, t), found in scores.items()
    }  # fmt: skip
    return State(scores, n_positive, np.sum([state.n_predictions for state in states], axis=0), chosen, {})


def recount(
    bucket: Bucket, _kept: object, state: State, context: MeasureContext, counts: dict[Cell, Array] | None = None
) -> dict[Cell, Array]:
    """The second pass over one bucket: true and false positives at every cut-off, added to those of others."""
    thresholds = context.rules.iou_thresholds
    found = {
        (k, a, t): counts_at(bucket.scene, bucket.near, k, a, thresholds[t], at)
        for (k, a, t), at in state.cut_offs.items()
    }
    return found if counts is None else {cell: counts[cell] + part for cell, part in found.items()}


def combine_counts(state: State, counts: list[dict[Cell, Array]], context: MeasureContext) -> State:
    """Sums of whole numbers."""
    return state._replace(counts={cell: np.sum([part[cell] for part in counts], axis=0) for cell in _cells(context)})


def _precision(counts: Array) -> Array:
    """float64[41]: the highest precision from each recall on; 0 where there is no cut-off."""
    true, all_counted = counts[:, 0], counts.sum(axis=1)
    line = np.zeros(_STEPS + 1)
    line[: len(counts)] = np.divide(true, all_counted, out=np.zeros(len(counts)), where=all_counted > 0)
    return np.maximum.accumulate(line[::-1])[::-1]


def _average(state: State, points: str, cell: Cell) -> float:
    """Mean precision over the recalls read; NaN without annotations that count."""
    k, a, _ = cell
    return float(_precision(state.counts[cell])[_READ_AT[points]].mean()) if state.n_positive[k, a] else np.nan


class _Classes(NamedTuple):
    """The project's classes, and which of them KITTI evaluates."""

    names: list[str]
    position: dict[int, int]
    """Position among the project's classes by place in EVALUATED."""


def _classes(context: MeasureContext) -> _Classes:
    names = [str(name) for name in measured_classes(context.categories)["name"].to_pylist()]
    lower = [name.lower() for name in names]
    return _Classes(names, {k: lower.index(name) for k, name in enumerate(EVALUATED) if name in lower})


def _own_threshold(k: int, context: MeasureContext) -> int | None:
    """Place of the class' own overlap among the rules' thresholds."""
    thresholds, own = context.rules.iou_thresholds, OVERLAPS[EVALUATED[k]]
    return thresholds.index(own) if own in thresholds else None


def _by_class(state: State, points: str, classes: _Classes, context: MeasureContext) -> NumberRows:
    """A row per class of the project, level and threshold."""
    rules = context.rules
    values = np.full((len(classes.names), len(rules.area_ranges), len(rules.iou_thresholds)), np.nan)
    for k, a, t in _cells(context):
        if k in classes.position:
            values[classes.position[k], a, t] = _average(state, points, (k, a, t))
    k, a, t = (axis.ravel() for axis in np.indices(values.shape))
    most = np.full(len(k), rules.max_detections[-1])
    return NumberRows(f"AP_{points}", values.ravel(), k, a, np.array(rules.iou_thresholds)[t], most, _NO_VALUE)


def _official(state: State, points: str, context: MeasureContext) -> list[NumberRows]:
    """The numbers KITTI prints: each class at its own threshold, and their mean, level by level."""
    kinds = []
    for a, bounds in enumerate(context.rules.area_ranges):
        values = {}
        for k, name in enumerate(EVALUATED):
            t = _own_threshold(k, context)
            values[name] = np.nan if t is None else _average(state, points, (k, a, t))
        there = [value for value in values.values() if not np.isnan(value)]
        named = {f"AP_{points}_{bounds.name}": np.mean(there) if there else np.nan}
        named |= {f"{name.capitalize()}_AP_{points}_{bounds.name}": value for name, value in values.items()}
        kinds += [_overall(name, float(value), a, context) for name, value in named.items()]
    return kinds


def _overall(name: str, value: float, a: int, context: MeasureContext) -> NumberRows:
    one = np.array([context.rules.max_detections[-1]])
    return NumberRows(name, np.array([value]), np.array([EVERY]), np.array([a]), np.array([np.nan]), one, _NO_VALUE)


def _totals(state: State, classes: _Classes, context: MeasureContext) -> tuple[Array, Array]:
    """(annotations that count int64[K, A], predictions int64[K]) of the project's classes."""
    n_positive = np.zeros((len(classes.names), len(context.rules.area_ranges)), np.int64)
    n_predictions = np.zeros(len(classes.names), np.int64)
    for k, position in classes.position.items():
        n_positive[position], n_predictions[position] = state.n_positive[k], state.n_predictions[k]
    return n_positive, n_predictions


def _curves(state: State, classes: _Classes, context: MeasureContext) -> Iterable[pa.Table]:
    recall = np.arange(_STEPS + 1) / _STEPS
    for k, a, t in _cells(context):
        if k in classes.position and state.n_positive[k, a]:
            at = np.zeros(len(recall))
            at[: len(state.cut_offs[k, a, t])] = state.cut_offs[k, a, t]
            where = [np.full(len(recall), place, np.int32) for place in (classes.position[k], a, 0, t)]
            precision = _precision(state.counts[k, a, t])
            yield curve_table(Points(where[0], where[1], where[2], where[3], recall, precision, at), context)


def finish(state: State, context: MeasureContext) -> Mapping[str, Iterable[pa.Table]]:
    """Rows of `metrics` and `curves`."""
    classes = _classes(context)
    kinds = [kind for points in _READ_AT for kind in _official(state, points, context)]
    kinds += [_by_class(state, points, classes, context) for points in _READ_AT]
    totals = _totals(state, classes, context)
    return {"metrics": [number_table(kinds, context, *totals)], "curves": _curves(state, classes, context)}


METRIC = Metric(
    name="kitti_precision",
    partial=partial,
    combine=combine,
    recount=recount,
    combine_counts=combine_counts,
    finish=finish,
)
