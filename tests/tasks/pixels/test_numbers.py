"""Numbers as rows."""

import numpy as np

from schemas.tables import METRICS, UNIT_SCORES
from tasks.pixels.numbers import Value, defined, unit_table, value_table
from tests.tasks.pixels.label_scenes import context


def test_a_value_is_a_row_of_metrics() -> None:
    """With the labels of the run; a reason only where there is no value."""
    table = value_table([Value("m", 0.5, "why", 11, "a", 3, 4), Value("m", None, "why")], context("semantic"))
    assert table.schema.equals(METRICS.schema)
    one, two = ({k: v for k, v in row.items() if v is not None} for row in table.to_pylist())
    labels = {"prediction_set": "net", "protocol": "semantic", "rules": "semantic@abc", "similarity": "pixels"}
    assert one == {
        **labels, "metric": "m", "value": 0.5, "category": 11, "category_name": "a", "n_ground_truth": 3,
        "n_predictions": 4,
    }  # fmt: skip
    assert two == {**labels, "metric": "m", "null_reason": "why"}
    assert value_table([], context("semantic")).num_rows == 0


def test_a_unit_is_a_row_of_unit_scores() -> None:
    """With its hash and frame, in the order given; NaN is null."""
    table = unit_table(np.array([3, 1]), {"mean_iou": np.array([np.nan, 0.5])}, context("semantic"))
    assert table.schema.equals(UNIT_SCORES.schema)
    assert table.select(["unit_key", "data_hash", "frame", "mean_iou"]).to_pylist() == [
        {"unit_key": 3, "data_hash": "3.jpg", "frame": 0, "mean_iou": None},
        {"unit_key": 1, "data_hash": "1.jpg", "frame": 0, "mean_iou": 0.5},
    ]


def test_nan_is_no_number() -> None:
    """Everything else is."""
    assert defined(np.nan) is None
    assert defined(np.float64(0.0)) == 0.0
