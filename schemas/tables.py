"""Every table: what a row is, which fields it has, what its key is. Arrow schemas and docs derive from here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from schemas.failure_fields import IMPORTANCE_FIELDS, LABEL_ERROR_FIELDS, PERFORMANCE_FIELDS, SLICE_FIELDS
from schemas.fields import FIELDS, Field

SCHEMA_VERSION = 1
"""Raised when a column changes meaning; written into every file."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the store, or one that lives between two stages (`stored` is False)."""

    name: str
    row: str
    fields: tuple[str, ...]
    key: tuple[str, ...]
    stored: bool = True
    optional: tuple[str, ...] = ()
    """Fields that a row of this table may leave out, though others require them."""
    own: tuple[Field, ...] = ()
    """Fields that no other table has, declared where their values are made."""

    @property
    def columns(self) -> tuple[Field, ...]:
        """Its fields in order, as they are in this table."""
        own = {field.name: field for field in self.own}
        found = (own.get(name) or FIELDS[name] for name in self.fields)
        return tuple(replace(field, nullable=True) if field.name in self.optional else field for field in found)

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema in the order of `fields`, with units and meanings left to the docs."""
        columns = [pa.field(field.name, field.type, nullable=field.nullable) for field in self.columns]
        return pa.schema(
            columns, metadata={"boxscore.table": self.name, "boxscore.schema_version": str(SCHEMA_VERSION)}
        )

    def joined(self, own: Sequence[Field]) -> "Table":
        """The table with further fields of its own behind the others."""
        names = tuple(field.name for field in own)
        return replace(self, fields=(*self.fields, *names), own=(*self.own, *own))


_GEOMETRY = ("shape", "bbox", "rotated_bbox", "polygons", "polyline", "keypoints", "mask")
_EXACT = ("bbox_px", "bbox_given", "keypoints_px", "area", "num_keypoints")
_DIFFICULTY = ("truncated", "occluded", "difficult", "group_of")
_SPATIAL = ("alpha", "box_3d")
_ORIGIN = ("source_file", "source_row", "source_unit", "source_category")
_RESULT = ("prediction_set", "protocol", "rules")

RECORDS = Table(
    "records",
    "a record as its file gave it: ids as text, coordinates in the source's unit",
    (
        *_ORIGIN,
        "source_id",
        "frame",
        "score",
        "track_id",
        "coordinates",
        "task",
        *_GEOMETRY,
        "area",
        "num_keypoints",
        "iscrowd",
        "ignore",
        *_DIFFICULTY,
        *_SPATIAL,
        "class_probabilities",
    ),
    ("source_file", "source_row"),
    stored=False,
)
ANSWER_RECORDS = Table(
    "answer_records",
    "an answer as its file gave it: to a question about a data unit, or about an object (`track_id`)",
    (
        "source_file", "source_row", "source_unit", "first_frame", "last_frame", "track_id",
        "feature_hash", "attribute_hash", "option_hash", "text", "score", "class_probabilities",
    ),
    ("source_file", "source_row"),
    stored=False,
)  # fmt: skip
UNIT_RECORDS = Table(
    "unit_records",
    "a data unit as its file gave it, before it has a key",
    (
        "source_id",
        "data_hash",
        "frame",
        "title",
        "kind",
        "sequence_hash",
        "width",
        "height",
        "source_order",
        "neg_categories",
        "not_exhaustive_categories",
    ),
    ("source_id", "frame"),
    stored=False,
)
CATEGORY_RECORDS = Table(
    "category_records",
    "a class as its file gave it, before it has a key",
    (
        "feature_hash",
        "attribute_hash",
        "option_hash",
        "name",
        "option_value",
        "kind",
        "shape",
        "answer_type",
        "dynamic",
        "parent_row",
        "supercategory",
        "ancestors",
        "frequency",
        "is_thing",
        "keypoint_names",
    ),
    ("feature_hash",),
    stored=False,
)
NORMALIZED = Table(
    "normalized",
    "a record with relative geometry",
    (
        *_ORIGIN, "source_id", "unit_position", "frame", "score", "track_id", "coordinates", *_GEOMETRY, *_EXACT,
        "iscrowd", "ignore", "task", *_DIFFICULTY, *_SPATIAL, "class_probabilities",
    ),
    ("source_file", "source_row"),
    stored=False,
)  # fmt: skip
DATA_UNITS = Table(
    "data_units",
    "a data unit: an image, an image of a group, or one frame of a video",
    (
        "unit_key",
        "data_hash",
        "frame",
        "title",
        "kind",
        "sequence_hash",
        "width",
        "height",
        "source_order",
        "source_id",
        "neg_categories",
        "not_exhaustive_categories",
        "retired",
    ),
    ("unit_key",),
)
CATEGORIES = Table(
    "categories",
    "an object class or classification option",
    (
        "category_key", "feature_hash", "attribute_hash", "option_hash", "name", "option_value", "kind", "shape",
        "answer_type", "dynamic", "parent_key",
        "counterparts", "supercategory", "ancestors", "frequency", "is_thing", "keypoint_names", "source_order", "retired",
    ),
    ("category_key",),
)  # fmt: skip
GROUND_TRUTH = Table(
    "ground_truth",
    "an annotation",
    (
        "annotation_key",
        "unit_key",
        "category_key",
        "track_id",
        *_GEOMETRY,
        *_EXACT,
        "iscrowd",
        "ignore",
        *_DIFFICULTY,
        "task",
        *_SPATIAL,
        "source_id",
        *_ORIGIN,
    ),
    ("annotation_key",),
)
PREDICTIONS = Table(
    "predictions",
    "a prediction",
    (
        "prediction_set",
        "prediction_key",
        "unit_key",
        "category_key",
        "score",
        "track_id",
        *_GEOMETRY,
        *_EXACT,
        "task",
        *_SPATIAL,
        "class_probabilities",
        *_ORIGIN,
    ),
    ("prediction_key",),
)
_ANSWER = (
    "answer_key", "unit_key", "category_key", "text", "score", "first_frame", "last_frame", "track_id",
    "source_file", "source_row", "source_unit",
)  # fmt: skip
CLASSIFICATIONS_GROUND_TRUTH = Table(
    "classifications_ground_truth",
    "an annotated answer: an option chosen, or a text, for a range of frames",
    _ANSWER,
    ("answer_key",),
)
CLASSIFICATIONS_PREDICTIONS = Table(
    "classifications_predictions",
    "a predicted answer",
    ("prediction_set", *_ANSWER, "class_probabilities"),
    ("answer_key",),
)
MATCHES = Table(
    "matches",
    "a prediction under a protocol",
    (
        *_RESULT, "prediction_key", "unit_key", "category_key", "score", "rank", "ranges_outside",
        "annotation_keys", "outcomes", "ranges", "matched_similarity",
        "best_similarity", "best_annotation_key", "best_other_similarity", "best_other_annotation_key", "error",
    ),
    ("prediction_set", "rules", "prediction_key"),
)  # fmt: skip
GROUND_TRUTH_MATCHES = Table(
    "ground_truth_matches",
    "an annotation under a protocol",
    (
        *_RESULT, "annotation_key", "unit_key", "category_key",
        "prediction_keys", "outcomes", "ranges", "near_similarity", "near_prediction_key",
        "found_score", "confused_category", "confused_score", "mended_category", "mended_score",
    ),
    ("prediction_set", "rules", "annotation_key", "category_key"),
)  # fmt: skip
METRICS = Table(
    "metrics",
    "one number",
    (
        *_RESULT, "metric", "category", "category_name", "area_range", "similarity", "threshold", "max_detections",
        "slice", "value", "null_reason", "n_ground_truth", "n_predictions",
    ),
    (*_RESULT, "metric", "category", "area_range", "threshold", "max_detections", "slice"),
)  # fmt: skip
CURVES = Table(
    "curves",
    "a point of a precision-recall curve",
    (
        *_RESULT, "category", "category_name", "area_range", "similarity", "threshold", "max_detections",
        "recall", "precision", "score",
    ),
    (*_RESULT, "category", "area_range", "threshold", "max_detections", "recall"),
)  # fmt: skip
POINT_ERRORS = Table(
    "point_errors",
    "a labelled point of an annotated skeleton that was found",
    (
        *_RESULT, "prediction_key", "annotation_key", "unit_key", "category_key", "point", "point_name",
        "error_px", "relative_error",
    ),
    ("prediction_set", "rules", "annotation_key", "point"),
)  # fmt: skip
PIXEL_CONFUSION = Table(
    "pixel_confusion",
    "a pair of classes on one data unit",
    (*_RESULT, "unit_key", "annotated", "predicted", "n_pixels"),
    (*_RESULT, "unit_key", "annotated", "predicted"),
)
CLASSIFICATION_RESULTS = Table(
    "classification_results",
    "a stretch of frames over which neither side's answer to a question changes",
    (
        *_RESULT, "question", "unit_key", "track_id", "predicted_track_id", "first_frame", "last_frame",
        "annotated_options", "predicted_options", "answer_scores", "annotated_text", "predicted_text",
        "text_similarity", "outcome",
    ),
    (*_RESULT, "question", "unit_key", "track_id", "predicted_track_id", "first_frame"),
)  # fmt: skip
CONFUSION = Table(
    "confusion",
    "a pair of classes, or of options of a question",
    (
        *_RESULT, "similarity", "threshold", "score_threshold", "slice",
        "ground_truth_category", "predicted_category", "n",
    ),
    (*_RESULT, "threshold", "score_threshold", "slice", "ground_truth_category", "predicted_category"),
)  # fmt: skip
CALIBRATION_BINS = Table(
    "calibration_bins",
    "predictions of similar score under a protocol: how sure they are, and how many of them are right",
    (
        *_RESULT, "category", "category_name", "similarity", "threshold", "slice", "bin_low", "bin_high",
        "n_counted", "mean_score", "share_true",
    ),
    (*_RESULT, "category", "threshold", "slice", "bin_low"),
)  # fmt: skip
TRACKS = Table(
    "tracks",
    "a sequence and class under a way of matching its tracks, at a threshold; rows of several sequences add up",
    (
        *_RESULT, "sequence_hash", "category", "category_name", "matching", "threshold",
        "matched_boxes", "false_boxes", "missed_boxes",
        "similarity_sum", "association_sum", "association_recall_sum", "association_precision_sum",
        "id_switches", "fragments", "mostly_tracked", "partly_tracked", "mostly_lost",
    ),
    (*_RESULT, "sequence_hash", "category", "matching", "threshold"),
)  # fmt: skip
QUALITY = Table(
    "quality",
    "a prediction, an annotation, or a data unit, and what it is like; null: not defined for it, see docs/quality.md",
    ("prediction_set", "of", "prediction_key", "annotation_key", "unit_key", "category_key"),
    ("prediction_set", "of", "prediction_key", "annotation_key", "unit_key"),
    optional=("prediction_key", "annotation_key", "category_key"),
)
"""What stands before the metrics; `tasks.tables` has it whole."""
UNIT_SCORES = Table(
    "unit_scores",
    "a data unit under a protocol",
    (*_RESULT, "unit_key", "data_hash", "frame", "threshold", "tp", "fp", "fn", "ignored", "mean_iou", "disagreement"),
    (*_RESULT, "unit_key"),
)
EVALUATED_UNITS = Table(
    "evaluated_units",
    "a data unit as matching found it: what says whether it must be matched again",
    (
        *_RESULT, "unit_key", "sequence_digest", "unit_digest", "annotations_digest", "predictions_digest",
        "judged_annotations", "other_annotations", "judged_predictions", "other_predictions",
    ),
    ("prediction_set", "rules", "unit_key"),
)  # fmt: skip
METRIC_PERFORMANCE = Table(
    "metric_performance",
    "a bin of a quality metric, over all classes or of one: how often predictions are right and annotations found",
    (
        *_RESULT, "metric_of", "metric", "category", "category_name", "bin", "value_low", "value_high",
        "n_predictions", "tp", "precision", "precision_low", "precision_high",
        "n_ground_truth", "found", "recall", "recall_low", "recall_high", "fn_rate", "fn_rate_low", "fn_rate_high",
        "mean_iou",
    ),
    (*_RESULT, "metric_of", "metric", "category", "bin"),
    own=PERFORMANCE_FIELDS,
)  # fmt: skip
METRIC_IMPORTANCE = Table(
    "metric_importance",
    "a quality metric: how much it says about IoU x TP",
    (
        *_RESULT, "metric_of", "metric", "n_samples", "n_true_positives", "mutual_information", "correlation",
        "n_permuted", "permuted_information", "permuted_95", "p_value", "null_reason",
    ),
    (*_RESULT, "metric_of", "metric"),
    own=IMPORTANCE_FIELDS,
)  # fmt: skip
FAILURE_SLICES = Table(
    "failure_slices",
    "a part of the data in which the model surely fails more than elsewhere",
    (
        *_RESULT, "rank", "rate", "metric_of", "metric", "value_low", "value_high",
        "other_metric_of", "other_metric", "other_low", "other_high", "category", "category_name", "words",
        "n_objects", "n_failed", "rate_inside", "rate_overall", "rate_inside_high", "drop", "sure_drop",
        "excess_failures", "n_slices", "worst_units",
    ),
    (*_RESULT, "rank"),
    own=SLICE_FIELDS,
)  # fmt: skip
LABEL_ERROR_CANDIDATES = Table(
    "label_error_candidates",
    "a label, or a place without one, that looks wrong in the light of one or several prediction sets",
    (
        *_RESULT, "rank", "kind", "score", "unit_key", "data_hash", "frame", "title", "annotation_key",
        "other_annotation_key", "prediction_key", "annotated_category", "annotated_name", "predicted_category",
        "predicted_name", "overlap", "expected_bbox", "agreeing_sets", "n_sets",
    ),
    ("rules", "rank"),
    own=LABEL_ERROR_FIELDS,
)  # fmt: skip
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
