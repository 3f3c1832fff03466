"""Metrics: a file each, and its name under the engine whose buckets it measures."""

from schemas.records import Metric
from tasks.registry import Registry

_ENTERED: dict[str, tuple[str, ...]] = {
    "objects": (
        "precision_recall",
        "outcome_counts",
        "unit_scores",
        "confusion",
        "calibration",
        "error_deltas",
    ),
    "skeletons": ("point_errors",),
    "kitti": ("kitti_precision",),
    "pixels": ("class_iou",),
    "disagreement": ("disagreement",),
    "panoptic": ("panoptic_quality",),
    "tracks": ("track_quality",),
    "answers": (
        "answer_accuracy",
        "answer_options",
        "answer_scores",
        "answer_nesting",
        "answer_ranges",
    ),
}
METRICS: dict[str, Registry[Metric]] = {
    engine: Registry(__name__, "METRIC", *modules) for engine, modules in _ENTERED.items()
}
