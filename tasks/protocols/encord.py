"""Encord Active's own rule: as its version 0.1.84 matches (`precompute_MAP_features`) and counts (`map_mar`).

Each prediction is tied to the label of its class that it overlaps most; of those tied to a label the best scored whose
IoU reaches the threshold finds it, and none has a second choice. Boxes and polygons are compared, polygons by the
filled outline of their first part; labels of other shapes play no part. Why its numbers are not COCO's:
docs/protocols-compared.md.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.coco_rules import RECALL_POINTS
from schemas.judging import (
    Annotations,
    AreaRange,
    Array,
    Curve,
    Detections,
    Judged,
    Matching,
    Number,
    Pairs,
    Protocol,
    Rules,
    Steps,
)
from tasks.box_or_outline import NEEDS, box_or_outline_pairs
from tasks.columns import numbers
from tasks.kernels.best_match import match_best, taking_part
from tasks.matchable import outside_ranges

_EVERY_SIZE = AreaRange("all", 0.0, float("inf"))
_NO_MAXIMUM = (1 << 31) - 1
"""Every prediction takes part; the largest number the tables hold."""
_LABELS = ("bounding_box", "polygon")
_PREDICTIONS = (*_LABELS, "bitmask")
_EPSILON = np.finfo(np.float64).eps
"""Added to denominators, as there: the last recall point of a class with a single label is not reached."""

RULES = Rules((0.5, 0.75), (_EVERY_SIZE,), (_NO_MAXIMUM,), RECALL_POINTS)


def _not_among(rows: pa.Table, shapes: tuple[str, ...]) -> Array:
    """bool[n]: rows of a shape that is not among these; one that no source names is a box."""
    known = pc.is_in(pc.fill_null(rows["shape"], "bounding_box"), pa.array(shapes))
    return ~numbers(known)


def absent(rows: pa.Table) -> Array:
    """Labels that play no part: of other shapes, and regions that are no objects."""
    regions = numbers(rows["iscrowd"], missing=False) | numbers(rows["ignore"], missing=False)
    return _not_among(rows, _LABELS) | regions


def _every_range(rules: Rules) -> np.uint64:
    return np.uint64((1 << len(rules.area_ranges)) - 1)


def _outside(judged: Judged, rules: Rules) -> Array:
    """Predictions of other shapes, or of classes of other shapes, lie outside every range; the rest by area, where the
    caller asks for ranges.
    """
    other_class = np.array([shape not in (None, *_LABELS) for shape in judged.shapes] + [False])[judged.category]
    other = _not_among(judged.table, _PREDICTIONS) | other_class
    return np.where(other, _every_range(rules), outside_ranges(numbers(judged.table["area"]), rules))


def match(pairs: Pairs, found: Detections, truth: Annotations, rules: Rules) -> Matching:
    """Each prediction looks at its best label alone; the best scored comes first."""
    return Matching(
        *match_best(
            *pairs,
            taking_part(found.category, found.rank, rules.max_detections[-1]),
            found.outside,
            truth.category,
            truth.ignored,
            truth.ignored == _every_range(rules),
            np.array(rules.iou_thresholds),
            len(rules.area_ranges),
        )
    )


def interpolate(steps: Steps, rules: Rules) -> Curve:
    """Mean of the highest precision at 101 recalls or beyond; 0 where a recall is not reached."""
    recall = steps.true_positives / (steps.n_positive + _EPSILON)
    precision = np.maximum.accumulate((steps.true_positives / (steps.counted + _EPSILON))[::-1])[::-1]
    points = np.array(rules.recall_points)
    place = np.searchsorted(recall, points, side="left")
    at, score = (np.append(values, 0.0)[place] for values in (precision, steps.score))
    return Curve(points, at, score, float(at.mean()))


def numbers_of(rules: Rules) -> tuple[Number, ...]:
    """Counts, mAP and mAR at each threshold: TP50, FP50, FN50, mAP50, mAR50, ..."""
    kinds = {"mAP": "precision", "mAR": "recall", "TP": "TP", "FP": "FP", "FN": "FN"}
    return tuple(
        Number(f"{name}{threshold * 100:g}", of, "all", threshold, rules.max_detections[-1])
        for threshold in rules.iou_thresholds
        for name, of in kinds.items()
    )


PROTOCOL = Protocol(
    name="encord",
    title="Encord Active",
    rules=RULES,
    numbers=numbers_of,
    unasked=_PREDICTIONS,
    unasked_on=("encord-json",),
    shape="bounding_box",
    any_shape=True,
    truth_columns=("shape", "ignore", *NEEDS),
    found_columns=("shape", *NEEDS),
    ignored=absent,
    found_outside=_outside,
    pairs=box_or_outline_pairs,
    similarity="bbox_or_outline_iou",
    matcher=match,
    interpolation=interpolate,
)
