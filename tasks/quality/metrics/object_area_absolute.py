"""Object Area, absolute: how many pixels an object covers."""

from typing import Any

import numpy as np
import pyarrow as pa

from schemas.fields import Field
from tasks.quality.bucket import Bucket
from tasks.quality.metric import Array, QualityMetric, Values
from tasks.quality.outlines import areas_of

_NEARLY_WHOLE = 1e-12
"""Relative: what dividing by the unit's size and multiplying again takes off must not cost a pixel."""


def truncated(areas_px2: Array) -> Array:
    """float64[n]: without what is behind the point, unless that is all but a whole."""
    nearest = np.rint(areas_px2)
    whole = np.abs(areas_px2 - nearest) <= _NEARLY_WHOLE * nearest
    return np.where(whole, nearest, np.trunc(areas_px2))


def of_objects(bucket: Bucket, _state: Any) -> Values:
    """The object's area, cut off to whole pixels."""
    return {"object_area_absolute_px2": pa.array(truncated(bucket.once(areas_of)), pa.int64(), from_pandas=True)}


METRIC = QualityMetric(
    name="object_area_absolute",
    fields=(
        Field("object_area_absolute_px2", pa.int64(), "area of the object, cut off to whole; null: a point", "px²"),
    ),
    of_objects=of_objects,
)
