"""Entropy: how undecided a model is between classes."""

from typing import Any

import numpy as np
import pyarrow as pa

from schemas.fields import Field
from tasks.quality.bucket import Array, Bucket
from tasks.quality.class_probabilities import Vectors, mean_of_units
from tasks.quality.metric import PREDICTION, QualityMetric, Values


def entropy(vectors: Vectors) -> Array:
    """float64[n], bits: - sum of p log2 p, of which 0 log2 0 is 0."""
    p = vectors.probability
    return -vectors.sums(p * np.log2(p, out=np.zeros_like(p), where=p > 0))


def of_units(bucket: Bucket, _state: Any) -> Values:
    """Mean over the unit's predictions and answers that carry probabilities; null where none does."""
    return {"entropy": mean_of_units(bucket, entropy)}


METRIC = QualityMetric(
    name="entropy",
    fields=(
        Field("entropy", pa.float64(), "of units: mean entropy of the class probabilities of its predictions, in bits"),
    ),
    of_units=of_units,
    sides=(PREDICTION,),
)
