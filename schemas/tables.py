"""Every table: what a row is, which fields it has, what its key is. Arrow schemas and docs derive from here."""

from schemas.data_tables import (
    CATEGORIES,
    CLASSIFICATIONS_GROUND_TRUTH,
    CLASSIFICATIONS_PREDICTIONS,
    DATA_UNITS,
    GROUND_TRUTH,
    PREDICTIONS,
)
from schemas.failure_tables import (
    FAILURE_SLICES,
    LABEL_ERROR_CANDIDATES,
    METRIC_IMPORTANCE,
    METRIC_PERFORMANCE,
    QUALITY,
)
from schemas.result_tables import (
    CALIBRATION_BINS,
    CLASSIFICATION_RESULTS,
    CONFUSION,
    CURVES,
    EVALUATED_UNITS,
    GROUND_TRUTH_MATCHES,
    MATCHES,
    METRICS,
    PIXEL_CONFUSION,
    POINT_ERRORS,
    TRACKS,
    UNIT_SCORES,
)
from schemas.staged_tables import ANSWER_RECORDS, CATEGORY_RECORDS, NORMALIZED, RECORDS, UNIT_RECORDS
from schemas.table import SCHEMA_VERSION, Table

__all__ = [
    "ANSWER_RECORDS",
    "CALIBRATION_BINS",
    "CATEGORIES",
    "CATEGORY_RECORDS",
    "CLASSIFICATIONS_GROUND_TRUTH",
    "CLASSIFICATIONS_PREDICTIONS",
    "CLASSIFICATION_RESULTS",
    "CONFUSION",
    "CURVES",
    "DATA_UNITS",
    "EVALUATED_UNITS",
    "FAILURE_SLICES",
    "GROUND_TRUTH",
    "GROUND_TRUTH_MATCHES",
    "LABEL_ERROR_CANDIDATES",
    "MATCHES",
    "METRICS",
    "METRIC_IMPORTANCE",
    "METRIC_PERFORMANCE",
    "NORMALIZED",
    "PIXEL_CONFUSION",
    "POINT_ERRORS",
    "PREDICTIONS",
    "QUALITY",
    "RECORDS",
    "REJECTS",
    "RUNS",
    "SCHEMA_VERSION",
    "STAGED",
    "TABLES",
    "TRACKS",
    "UNIT_RECORDS",
    "UNIT_SCORES",
    "Table",
]

REJECTS = Table(
    "rejects",
    "a record that was not taken",
    ("run_id", "prediction_set", "source_file", "source_row", "stage", "reason_code", "reason", "record"),
    ("run_id", "source_file", "source_row", "stage"),
)
RUNS = Table(
    "runs",
    "a run",
    (
        "run_id", "command", "prediction_set", "status", "started_at", "seconds", "parameters", "inputs", "versions",
        "stage_seconds", "details", "rows_in", "rows_accepted", "rows_rejected", "reason",
    ),
    ("run_id",),
)  # fmt: skip

TABLES: tuple[Table, ...] = (
    DATA_UNITS, CATEGORIES, GROUND_TRUTH, PREDICTIONS, CLASSIFICATIONS_GROUND_TRUTH, CLASSIFICATIONS_PREDICTIONS,
    MATCHES, GROUND_TRUTH_MATCHES, QUALITY,
    METRICS, CURVES, CONFUSION, CALIBRATION_BINS, POINT_ERRORS, PIXEL_CONFUSION, CLASSIFICATION_RESULTS, TRACKS,
    UNIT_SCORES, EVALUATED_UNITS,
    METRIC_PERFORMANCE, METRIC_IMPORTANCE, FAILURE_SLICES, LABEL_ERROR_CANDIDATES, REJECTS, RUNS,
)  # fmt: skip
STAGED: tuple[Table, ...] = (RECORDS, ANSWER_RECORDS, UNIT_RECORDS, CATEGORY_RECORDS, NORMALIZED)
