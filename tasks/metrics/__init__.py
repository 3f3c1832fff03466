"""Metrics: a file each, and its name in the registry of the engine whose buckets it measures."""

from schemas.records import Metric
from tasks.registry import Registry

METRICS: dict[str, Registry[Metric]] = {
    "objects": Registry(
        __name__,
        "METRIC",
        "precision_recall",
        "outcome_counts",
        "unit_scores",
        "confusion",
        "calibration",
        "error_deltas",
    ),
    "skeletons": Registry(
        __name__,
        "METRIC",
        "point_errors",
    ),
    "kitti": Registry(
        __name__,
        "METRIC",
        "kitti_precision",
    ),
    "pixels": Registry(
        __name__,
        "METRIC",
        "class_iou",
    ),
    "disagreement": Registry(
        __name__,
        "METRIC",
        "disagreement",
    ),
    "panoptic": Registry(
        __name__,
        "METRIC",
        "panoptic_quality",
    ),
    "tracks": Registry(
        __name__,
        "METRIC",
        "track_quality",
    ),
    "answers": Registry(
        __name__,
        "METRIC",
        "answer_accuracy",
        "answer_options",
        "answer_scores",
        "answer_nesting",
        "answer_ranges",
    ),
}
