"""Tables of what predictions and annotations are like, and how failure depends on it."""

from schemas.failure_fields import IMPORTANCE_FIELDS, LABEL_ERROR_FIELDS, PERFORMANCE_FIELDS, SLICE_FIELDS
from schemas.table import RESULT, Table

QUALITY = Table(
    "quality",
    "a prediction, an annotation, or a data unit, and what it is like; null: not defined for it, see docs/quality.md",
    ("prediction_set", "of", "prediction_key", "annotation_key", "unit_key", "category_key"),
    ("prediction_set", "of", "prediction_key", "annotation_key", "unit_key"),
    optional=("prediction_key", "annotation_key", "category_key"),
)
"""What stands before the metrics; `tasks.tables` has it whole."""
METRIC_PERFORMANCE = Table(
    "metric_performance",
    "a bin of a quality metric, over all classes or of one: how often predictions are right and annotations found",
    (
        *RESULT, "metric_of", "metric", "category", "category_name", "bin", "value_low", "value_high",
        "n_predictions", "tp", "precision", "precision_low", "precision_high",
        "n_ground_truth", "found", "recall", "recall_low", "recall_high", "fn_rate", "fn_rate_low", "fn_rate_high",
        "mean_iou",
    ),
    (*RESULT, "metric_of", "metric", "category", "bin"),
    own=PERFORMANCE_FIELDS,
)  # fmt: skip
METRIC_IMPORTANCE = Table(
    "metric_importance",
    "a quality metric: how much it says about IoU x TP",
    (
        *RESULT, "metric_of", "metric", "n_samples", "n_true_positives", "mutual_information", "correlation",
        "n_permuted", "permuted_information", "permuted_95", "p_value", "null_reason",
    ),
    (*RESULT, "metric_of", "metric"),
    own=IMPORTANCE_FIELDS,
)  # fmt: skip
FAILURE_SLICES = Table(
    "failure_slices",
    "a part of the data in which the model surely fails more than elsewhere",
    (
        *RESULT, "rank", "rate", "metric_of", "metric", "value_low", "value_high",
        "other_metric_of", "other_metric", "other_low", "other_high", "category", "category_name", "words",
        "n_objects", "n_failed", "rate_inside", "rate_overall", "rate_inside_high", "drop", "sure_drop",
        "excess_failures", "n_slices", "worst_units",
    ),
    (*RESULT, "rank"),
    own=SLICE_FIELDS,
)  # fmt: skip
LABEL_ERROR_CANDIDATES = Table(
    "label_error_candidates",
    "a label, or a place without one, that looks wrong in the light of one or several prediction sets",
    (
        *RESULT, "rank", "kind", "score", "unit_key", "data_hash", "frame", "title", "annotation_key",
        "other_annotation_key", "prediction_key", "annotated_category", "annotated_name", "predicted_category",
        "predicted_name", "overlap", "expected_bbox", "agreeing_sets", "n_sets",
    ),
    ("rules", "rank"),
    own=LABEL_ERROR_FIELDS,
)  # fmt: skip
