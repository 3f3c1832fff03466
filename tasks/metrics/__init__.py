"""Metrics: a file each, and one entry in this tuple."""

from schemas.records import Metric
from tasks.metrics import (
    answer_accuracy,
    answer_nesting,
    answer_options,
    answer_ranges,
    answer_scores,
    calibration,
    class_iou,
    confusion,
    disagreement,
    error_deltas,
    kitti_precision,
    outcome_counts,
    panoptic_quality,
    point_errors,
    precision_recall,
    track_quality,
    unit_scores,
)

METRICS: tuple[Metric, ...] = (
    precision_recall.METRIC,
    outcome_counts.METRIC,
    unit_scores.METRIC,
    confusion.METRIC,
    calibration.METRIC,
    error_deltas.METRIC,
    point_errors.METRIC,
    kitti_precision.METRIC,
    class_iou.METRIC,
    disagreement.METRIC,
    panoptic_quality.METRIC,
    track_quality.METRIC,
    answer_accuracy.METRIC,
    answer_options.METRIC,
    answer_scores.METRIC,
    answer_nesting.METRIC,
    answer_ranges.METRIC,
)
