"""Object Area, relative: which share of the image an object covers."""

from typing import Any

import pyarrow as pa

from schemas.fields import Field
from tasks.quality.bucket import Bucket
from tasks.quality.metric import QualityMetric, Values
from tasks.quality.outlines import areas_of


def of_objects(bucket: Bucket, _state: Any) -> Values:
    """100 times the object's area by its unit's; also of what leaves the unit."""
    return {"object_area_relative": 100 * bucket.once(areas_of) / bucket.size_px.prod(axis=1)}


METRIC = QualityMetric(
    name="object_area_relative",
    fields=(
        Field("object_area_relative", pa.float64(), "100 x area of the object / area of its unit; null: a point", "%"),
    ),
    of_objects=of_objects,
)
