"""Variance: how much the probabilities of classes differ."""

from typing import Any

import numpy as np
import pyarrow as pa

from schemas.fields import Field
from tasks.quality.bucket import Array, Bucket
from tasks.quality.class_probabilities import Vectors, mean_of_units
from tasks.quality.metric import PREDICTION, QualityMetric, Values


def variance(vectors: Vectors) -> Array:
    """float64[n]: mean square of the distances from the mean probability."""
    sizes = vectors.sizes
    mean = vectors.sums(vectors.probability) / sizes
    return vectors.sums((vectors.probability - np.repeat(mean, sizes)) ** 2) / sizes


def of_units(bucket: Bucket, _state: Any) -> Values:
    """Mean over the unit's predictions and answers that carry probabilities; null where none does."""
    return {"variance": mean_of_units(bucket, variance)}


METRIC = QualityMetric(
    name="variance",
    fields=(
        Field(
            "variance", pa.float64(), "of units: mean over its predictions of the variance of the class probabilities"
        ),
    ),
    of_units=of_units,
    sides=(PREDICTION,),
)
