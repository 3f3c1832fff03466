"""What Pascal VOC's two protocols share. Source: the VOC development kit (2012), `VOCevaldet`.

Each detection looks at the annotation of its class that it overlaps most; taken already, it is false; difficult, the
detection counts nowhere. Boxes are pixels from x to x + w inclusive, so a side is one longer than w.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from schemas.judging import (
    Annotations,
    AreaRange,
    Array,
    Curve,
    Detections,
    Interpolation,
    Judged,
    Matching,
    Number,
    Pairs,
    Protocol,
    Rules,
    Side,
    Steps,
)
from tasks.columns import numbers, struct_matrix
from tasks.kernels.best_match import match_best, taking_part
from tasks.kernels.box_iou import box_pairs
from tasks.shapes.bounding_box import CORNER

NO_MAXIMUM = (1 << 31) - 1
"""Every detection takes part; the largest number the tables hold."""
WHOLE = AreaRange("all", 0.0, float("inf"))
TRUTH_COLUMNS = ("difficult", "ignore")


def rules(recall_points: tuple[float, ...]) -> Rules:
    """IoU of .5 or more, all sizes."""
    return Rules((0.5,), (WHOLE,), (NO_MAXIMUM,), recall_points)


def does_not_count(rows: pa.Table) -> Array:
    """bool[n]: annotations marked difficult, ignored, or a crowd."""
    marks = (numbers(rows[name], missing=False) for name in (*TRUTH_COLUMNS, "iscrowd"))
    return np.logical_or.reduce(list(marks))


def no_crowds(judged: Judged) -> Array:
    """bool[n]: VOC compares all annotations alike."""
    return np.zeros(len(judged.category), bool)


def _inclusive(side: Side) -> Array:
    """float64[n, 4]: the boxes, a pixel wider and higher."""
    return struct_matrix(side.table["bbox_px"], CORNER) + np.array([0.0, 0.0, 1.0, 1.0])


def inclusive_pairs(detections: Side, annotations: Side, floor: float, _options: Mapping[str, Any]) -> Pairs:
    """IoU of boxes whose last pixels belong to them."""
    found, truth = _inclusive(detections), _inclusive(annotations)
    return Pairs(*box_pairs(found, detections.indptr, truth, annotations.crowd, annotations.indptr, floor))


def match(pairs: Pairs, found: Detections, truth: Annotations, rules: Rules) -> Matching:
    """Each detection looks at its best annotation alone; the best scored comes first."""
    category = taking_part(found.category, found.rank, rules.max_detections[-1])
    absent = np.zeros(len(truth.category), bool)
    annotations = (truth.category, truth.ignored, absent)
    thresholds, ranges = np.array(rules.iou_thresholds), len(rules.area_ranges)
    return Matching(*match_best(*pairs, category, found.outside, *annotations, thresholds, ranges))


def precision_recall(steps: Steps) -> tuple[Array, Array]:
    """(recall, highest precision from there on) at each true positive, float64[n]."""
    precision = np.maximum.accumulate((steps.true_positives / steps.counted)[::-1])[::-1]
    return steps.true_positives / steps.n_positive, precision


def area_under_curve(steps: Steps, _rules: Rules) -> Curve:
    """Area under the highest precision from each recall on: a step of 1 / annotations per true positive."""
    recall, precision = precision_recall(steps)
    return Curve(recall, precision, steps.score, float(precision.sum() / steps.n_positive))


def numbers_of(rules: Rules) -> tuple[Number, ...]:
    """The mean over the classes at each threshold."""
    return tuple(
        Number(f"mAP{threshold * 100:g}", "precision", "all", threshold, rules.max_detections[-1])
        for threshold in rules.iou_thresholds
    )


def protocol(name: str, title: str, recall_points: tuple[float, ...], interpolate: Interpolation) -> Protocol:
    """A year's protocol: only the average that is taken of precision and recall differs between them."""
    return Protocol(
        name=name,
        title=title,
        rules=rules(recall_points),
        numbers=numbers_of,
        shape="bounding_box",
        truth_columns=TRUTH_COLUMNS,
        ignored=does_not_count,
        crowd=no_crowds,
        pairs=inclusive_pairs,
        similarity="bbox_iou_inclusive",
        matcher=match,
        interpolation=interpolate,
    )
