"""Metrics: a file each, and one entry in this tuple."""

from schemas.records import Metric
from tasks.metrics import outcome_counts, precision_recall, unit_scores

METRICS: tuple[Metric, ...] = (precision_recall.METRIC, outcome_counts.METRIC, unit_scores.METRIC)
