"""What comes out of the process that loads a pickle: values as they were, none judged but by their type."""

import pyarrow as pa

from schemas.fields import KEYPOINT, PROBABILITIES

ARRAY = pa.struct(
    [
        ("content", pa.binary()),
        ("at", pa.int64()),
        ("dtype", pa.string()),
        ("shape", pa.list_(pa.int64())),
        ("fortran", pa.bool_()),
    ]
)
"""A numpy array: its bytes, or the file offset of the opcode that holds them; for run lengths dtype is RUN_LENGTHS."""
RUN_LENGTHS = "rle"

TEXTS = ("data_hash", "feature_hash", "attribute_hash", "option_hash", "track_id", "format")
BOX = ("x", "y", "w", "h", "theta")

RAW = pa.schema(
    [
        *((name, pa.string()) for name in TEXTS),
        ("frame", pa.int64()),
        ("confidence", pa.float64()),
        *((name, pa.float64()) for name in BOX),
        ("array", ARRAY),
        ("points", pa.list_(KEYPOINT)),
        ("class_probabilities", PROBABILITIES),
        ("answers", pa.bool_()),
        ("fault_code", pa.string()),
        ("fault", pa.string()),
    ]
)
"""A row is an item of the list; `answers` says that it is a classification."""
