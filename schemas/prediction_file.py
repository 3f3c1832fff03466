"""The file that a prediction writer leaves: Parquet with the columns of predictions, coordinates relative."""

import pyarrow as pa

from schemas.fields import FIELDS

GEOMETRY = ("bbox", "rotated_bbox", "polygons", "polyline", "keypoints", "mask")
ANSWER = ("attribute_hash", "option_hash")
COLUMNS = (
    "data_hash",
    "frame",
    "feature_hash",
    *ANSWER,
    "score",
    "track_id",
    "shape",
    *GEOMETRY,
    "class_probabilities",
)
NEEDED = ("data_hash", "feature_hash", "score")

PREDICTION_FILE = pa.schema([pa.field(name, FIELDS[name].type) for name in COLUMNS])
"""A row is an object with one geometry, or an answer with attribute and option. Columns but NEEDED may be left out."""
