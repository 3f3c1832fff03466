"""A bucket as KITTI's kernels take it."""

import numpy as np

from schemas.judging import Annotations, Array, Detections, Judged, Pairs, Rules
from tasks.columns import numbers
from tasks.kernels.kitti import ByAnnotation, Scene, by_annotation
from tasks.kitti.levels import NONE, evaluated, neighbours, regions, too_low


def _file_order(found: Detections, rules: Rules) -> Array:
    """int64[D]: detections in the order of their file; in group order where no file's order may count."""
    if rules.tie_order != "file":
        return np.arange(len(found.category))
    return np.argsort(numbers(found.side.table["prediction_key"]), kind="stable")


def scene_of(pairs: Pairs, found: Detections, truth: Annotations, rules: Rules) -> tuple[Scene, ByAnnotation]:
    """Classes, levels and pairs of one bucket. Empty sides give empty arrays."""
    detections = Judged(found.side.table, found.category, found.names)
    annotations = Judged(truth.side.table, truth.category, found.names)
    takes_part = found.rank < rules.max_detections[-1]
    scene = Scene(
        found.side.indptr,
        truth.side.indptr,
        np.where(takes_part, evaluated(detections), np.int32(NONE)),
        found.score,
        np.where(takes_part, too_low(detections, rules), np.uint64(0)),
        evaluated(annotations),
        neighbours(annotations),
        truth.ignored,
        regions(annotations),
    )
    return scene, by_annotation(*pairs, _file_order(found, rules), len(truth.category))
