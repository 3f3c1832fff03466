"""Tables that live between two stages of an import."""

from schemas.table import DIFFICULTY, EXACT, GEOMETRY, ORIGIN, SPATIAL, Table

RECORDS = Table(
    "records",
    "a record as its file gave it: ids as text, coordinates in the source's unit",
    (
        *ORIGIN,
        "source_id",
        "frame",
        "score",
        "track_id",
        "coordinates",
        "task",
        *GEOMETRY,
        "area",
        "num_keypoints",
        "iscrowd",
        "ignore",
        *DIFFICULTY,
        *SPATIAL,
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
        *ORIGIN, "source_id", "unit_position", "frame", "score", "track_id", "coordinates", *GEOMETRY, *EXACT,
        "iscrowd", "ignore", "task", *DIFFICULTY, *SPATIAL, "class_probabilities",
    ),
    ("source_file", "source_row"),
    stored=False,
)  # fmt: skip
