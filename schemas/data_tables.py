"""Tables of what was imported: units, classes, annotations, predictions and answers."""

from schemas.table import DIFFICULTY, EXACT, GEOMETRY, ORIGIN, SPATIAL, Table

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
        "counterparts", "supercategory", "ancestors", "frequency", "is_thing", "keypoint_names",
        "source_order", "retired",
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
        *GEOMETRY,
        *EXACT,
        "iscrowd",
        "ignore",
        *DIFFICULTY,
        "task",
        *SPATIAL,
        "source_id",
        *ORIGIN,
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
        *GEOMETRY,
        *EXACT,
        "task",
        *SPATIAL,
        "class_probabilities",
        *ORIGIN,
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
