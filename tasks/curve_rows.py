"""Rows of the table `curves`, and curves as a protocol draws them where its rule is not COCO's."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Array, Curve, Interpolation, MeasureContext, Steps
from schemas.tables import CURVES
from tasks.kernels.accumulate import counted_at
from tasks.kernels.events import Counts, SortedEvents
from tasks.number_rows import category_columns, labels, words

Place = tuple[int, int, int, int]
"""Positions k, a, m, t of a class, area range, maximum of detections and threshold."""


class Points(NamedTuple):
    """P points of curves: where they belong, int32[P] positions, and what they are, float64[P]."""

    k: Array
    a: Array
    m: Array
    t: Array
    recall: Array
    precision: Array
    score: Array


def curve_table(points: Points, context: MeasureContext) -> pa.Table:
    """Rows of CURVES."""
    rules = context.rules
    table = pa.table(
        {
            **labels(context, len(points.k)),
            **category_columns(points.k, context),
            "area_range": words(points.a, [bounds.name for bounds in rules.area_ranges]),
            "threshold": pa.array(np.array(rules.iou_thresholds)[points.t]),
            "max_detections": pa.array(np.array(rules.max_detections, np.int32)[points.m]),
            "recall": pa.array(points.recall),
            "precision": pa.array(points.precision),
            "score": pa.array(points.score),
        }
    )
    return table.select(CURVES.schema.names)


class Drawn(NamedTuple):
    """Curves of a protocol's own rule, by class, range, maximum and threshold; -1 where there is no ground truth."""

    value: Array
    """float64[T, K, A, M]: the average the rule takes."""
    recall: Array
    """float64[T, K, A, M]: at the end."""
    curves: dict[Place, Curve]


def draw(
    events: SortedEvents, counts: Counts, n_positive: Array, rule: Interpolation, context: MeasureContext
) -> Drawn:
    """Every curve by the rule; `n_positive` int64[K, A]. A class without ground truth that counts has none."""
    rules = context.rules
    most = np.array(rules.max_detections, np.int32)
    recall = np.full((len(rules.iou_thresholds), *n_positive.shape, len(most)), -1.0)
    drawn = Drawn(recall.copy(), recall, {})
    for k, a in np.argwhere(n_positive).tolist():
        for m in range(len(most)):
            found = counted_at(events, counts.before, k, a, m, most, len(rules.iou_thresholds))
            for t, n in enumerate(found.n.tolist()):
                steps = Steps(np.arange(1, n + 1), found.counted[t, :n], found.score[t, :n], int(n_positive[k, a]))
                curve = rule(steps, rules)
                drawn.curves[k, a, m, t] = curve
                drawn.value[t, k, a, m], drawn.recall[t, k, a, m] = curve.value, n / steps.n_positive
    return drawn


def drawn_tables(drawn: Drawn, context: MeasureContext) -> Iterator[pa.Table]:
    """The points of every curve, class by class."""
    by_class: dict[int, list[Place]] = {}
    for place in drawn.curves:
        by_class.setdefault(place[0], []).append(place)
    for places in by_class.values():
        curves = [drawn.curves[place] for place in places]
        where = np.repeat(np.array(places, np.int32), [len(curve.recall) for curve in curves], axis=0).T
        columns = (np.concatenate([curve[part] for curve in curves]) for part in range(3))
        yield curve_table(Points(*where, *columns), context)
