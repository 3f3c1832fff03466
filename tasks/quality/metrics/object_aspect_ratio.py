"""Object Aspect Ratio: how wide an object is by its height, in pixels."""

from typing import Any

import numpy as np
import pyarrow as pa

from schemas.fields import Field
from tasks.quality.bucket import Bucket
from tasks.quality.metric import QualityMetric, Values
from tasks.quality.outlines import extents_of


def of_objects(bucket: Bucket, _state: Any) -> Values:
    """Of the hull; null for points, and where the hull has no height."""
    left, top, right, bottom = bucket.once(extents_of).T
    width, height = right - left, bottom - top
    ratio = np.full(len(width), np.nan)
    np.divide(width, height, out=ratio, where=(height > 0) & ~bucket.is_shape("point"))
    return {"object_aspect_ratio": ratio}


METRIC = QualityMetric(
    name="object_aspect_ratio",
    fields=(
        Field("object_aspect_ratio", pa.float64(), "width / height of the hull in px; null: a point, or no height"),
    ),
    of_objects=of_objects,
)
