"""Least confidence: how far the most probable class is from certain."""

from typing import Any

import numpy as np
import pyarrow as pa

from schemas.fields import Field
from tasks.quality.bucket import Array, Bucket
from tasks.quality.class_probabilities import Vectors, mean_of_units
from tasks.quality.metric import PREDICTION, QualityMetric, Values


def least_confidence(vectors: Vectors) -> Array:
    """float64[n]: 1 - the highest probability."""
    p = vectors.probability
    return 1 - np.maximum.reduceat(p, vectors.starts[:-1]) if len(p) else p


def of_units(bucket: Bucket, _state: Any) -> Values:
    """Mean over the unit's predictions and answers that carry probabilities; null where none does."""
    return {"least_confidence": mean_of_units(bucket, least_confidence)}


METRIC = QualityMetric(
    name="least_confidence",
    fields=(
        Field(
            "least_confidence", pa.float64(), "of units: mean over its predictions of 1 - the highest class probability"
        ),
    ),
    of_units=of_units,
    sides=(PREDICTION,),
)
