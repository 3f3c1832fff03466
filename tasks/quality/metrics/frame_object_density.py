"""Frame object density: which share of a data unit its objects cover together."""

from typing import Any

import pyarrow as pa

from schemas.fields import Field
from tasks.quality.bucket import Bucket
from tasks.quality.metric import QualityMetric, Values
from tasks.quality.outlines import covered_areas


def of_units(bucket: Bucket, _state: Any) -> Values:
    """100 times the area of the union of all that covers something, by the unit's; 0 where nothing does."""
    indptr, units = bucket.objects.indptr, bucket.units
    covered_px2 = covered_areas(bucket, indptr[:-1], indptr[1:])
    return {"frame_object_density": 100 * covered_px2 / (units.width_px * units.height_px)}


METRIC = QualityMetric(
    name="frame_object_density",
    fields=(
        Field("frame_object_density", pa.float64(), "of units: 100 x area of the union of its objects / its area", "%"),
    ),
    of_units=of_units,
)
