"""Object Count: how many predictions, or annotations, a data unit has."""

from typing import Any

import numpy as np
import pyarrow as pa

from schemas.fields import Field
from tasks.quality.bucket import Bucket
from tasks.quality.metric import QualityMetric, Values


def of_units(bucket: Bucket, _state: Any) -> Values:
    """Objects of every shape and class; 0 where there are none."""
    return {"object_count": np.diff(bucket.objects.indptr)}


METRIC = QualityMetric(
    name="object_count",
    fields=(Field("object_count", pa.int64(), "of units: number of objects, of every shape and class"),),
    of_units=of_units,
)
