"""Margin: how far the two most probable classes are apart."""

from typing import Any

import numpy as np
import pyarrow as pa

from schemas.fields import Field
from tasks.quality.bucket import Array, Bucket
from tasks.quality.class_probabilities import Vectors, mean_of_units
from tasks.quality.metric import PREDICTION, QualityMetric, Values


def margin(vectors: Vectors) -> Array:
    """float64[n]: the highest probability less the second; NaN where there is but one."""
    vector = np.repeat(np.arange(len(vectors.unit)), vectors.sizes)
    p = vectors.probability[np.lexsort((vectors.probability, vector))]
    last = vectors.starts[1:] - 1
    second = np.where(vectors.sizes > 1, last - 1, last)
    return np.where(vectors.sizes > 1, p[last] - p[second], np.nan)


def of_units(bucket: Bucket, _state: Any) -> Values:
    """Mean over the unit's predictions and answers that carry two probabilities; null where none does."""
    return {"margin": mean_of_units(bucket, margin)}


METRIC = QualityMetric(
    name="margin",
    fields=(
        Field(
            "margin",
            pa.float64(),
            "of units: mean over its predictions of the highest class probability less the second",
        ),
    ),
    of_units=of_units,
    sides=(PREDICTION,),
)
