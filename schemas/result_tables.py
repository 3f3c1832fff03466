"""Tables of what a protocol says of a set: who found whom, and the numbers."""

from schemas.table import RESULT, Table

MATCHES = Table(
    "matches",
    "a prediction under a protocol",
    (
        *RESULT, "prediction_key", "unit_key", "category_key", "score", "rank", "ranges_outside",
        "annotation_keys", "outcomes", "ranges", "matched_similarity",
        "best_similarity", "best_annotation_key", "best_other_similarity", "best_other_annotation_key", "error",
    ),
    ("prediction_set", "rules", "prediction_key"),
)  # fmt: skip
GROUND_TRUTH_MATCHES = Table(
    "ground_truth_matches",
    "an annotation under a protocol",
    (
        *RESULT, "annotation_key", "unit_key", "category_key",
        "prediction_keys", "outcomes", "ranges", "near_similarity", "near_prediction_key",
        "found_score", "confused_category", "confused_score", "mended_category", "mended_score",
    ),
    ("prediction_set", "rules", "annotation_key", "category_key"),
)  # fmt: skip
METRICS = Table(
    "metrics",
    "one number",
    (
        *RESULT, "metric", "category", "category_name", "area_range", "similarity", "threshold", "max_detections",
        "slice", "value", "null_reason", "n_ground_truth", "n_predictions",
    ),
    (*RESULT, "metric", "category", "area_range", "threshold", "max_detections", "slice"),
)  # fmt: skip
CURVES = Table(
    "curves",
    "a point of a precision-recall curve",
    (
        *RESULT, "category", "category_name", "area_range", "similarity", "threshold", "max_detections",
        "recall", "precision", "score",
    ),
    (*RESULT, "category", "area_range", "threshold", "max_detections", "recall"),
)  # fmt: skip
POINT_ERRORS = Table(
    "point_errors",
    "a labelled point of an annotated skeleton that was found",
    (
        *RESULT, "prediction_key", "annotation_key", "unit_key", "category_key", "point", "point_name",
        "error_px", "relative_error",
    ),
    ("prediction_set", "rules", "annotation_key", "point"),
)  # fmt: skip
PIXEL_CONFUSION = Table(
    "pixel_confusion",
    "a pair of classes on one data unit",
    (*RESULT, "unit_key", "annotated", "predicted", "n_pixels"),
    (*RESULT, "unit_key", "annotated", "predicted"),
)
CLASSIFICATION_RESULTS = Table(
    "classification_results",
    "a stretch of frames over which neither side's answer to a question changes",
    (
        *RESULT, "question", "unit_key", "track_id", "predicted_track_id", "first_frame", "last_frame",
        "annotated_options", "predicted_options", "answer_scores", "annotated_text", "predicted_text",
        "text_similarity", "outcome",
    ),
    (*RESULT, "question", "unit_key", "track_id", "predicted_track_id", "first_frame"),
)  # fmt: skip
CONFUSION = Table(
    "confusion",
    "a pair of classes, or of options of a question",
    (
        *RESULT, "similarity", "threshold", "score_threshold", "slice",
        "ground_truth_category", "predicted_category", "n",
    ),
    (*RESULT, "threshold", "score_threshold", "slice", "ground_truth_category", "predicted_category"),
)  # fmt: skip
CALIBRATION_BINS = Table(
    "calibration_bins",
    "predictions of similar score under a protocol: how sure they are, and how many of them are right",
    (
        *RESULT, "category", "category_name", "similarity", "threshold", "slice", "bin_low", "bin_high",
        "n_counted", "mean_score", "share_true",
    ),
    (*RESULT, "category", "threshold", "slice", "bin_low"),
)  # fmt: skip
TRACKS = Table(
    "tracks",
    "a sequence and class under a way of matching its tracks, at a threshold; rows of several sequences add up",
    (
        *RESULT, "sequence_hash", "category", "category_name", "matching", "threshold",
        "matched_boxes", "false_boxes", "missed_boxes",
        "similarity_sum", "association_sum", "association_recall_sum", "association_precision_sum",
        "id_switches", "fragments", "mostly_tracked", "partly_tracked", "mostly_lost",
    ),
    (*RESULT, "sequence_hash", "category", "matching", "threshold"),
)  # fmt: skip
UNIT_SCORES = Table(
    "unit_scores",
    "a data unit under a protocol",
    (*RESULT, "unit_key", "data_hash", "frame", "threshold", "tp", "fp", "fn", "ignored", "mean_iou", "disagreement"),
    (*RESULT, "unit_key"),
)
EVALUATED_UNITS = Table(
    "evaluated_units",
    "a data unit as matching found it: what says whether it must be matched again",
    (
        *RESULT, "unit_key", "sequence_digest", "unit_digest", "annotations_digest", "predictions_digest",
        "judged_annotations", "other_annotations", "judged_predictions", "other_predictions",
    ),
    ("prediction_set", "rules", "unit_key"),
)  # fmt: skip
