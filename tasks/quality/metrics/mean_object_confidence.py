"""Mean object confidence: how sure a model is of what it found on a data unit."""

from typing import Any

import numpy as np
import pyarrow as pa

from schemas.fields import Field
from tasks.quality.bucket import Bucket
from tasks.quality.metric import PREDICTION, QualityMetric, Values


def of_units(bucket: Bucket, _state: Any) -> Values:
    """Mean score of the unit's predictions; 0 where there are none."""
    n = len(bucket.units.key)
    sums = np.bincount(bucket.objects.unit, weights=bucket.objects.score, minlength=n)  # in the order of the keys
    counts = np.bincount(bucket.objects.unit, minlength=n)
    return {"mean_object_confidence": sums / np.maximum(counts, 1)}


METRIC = QualityMetric(
    name="mean_object_confidence",
    fields=(Field("mean_object_confidence", pa.float64(), "of units: mean score of its predictions; 0: it has none"),),
    of_units=of_units,
    sides=(PREDICTION,),
)
