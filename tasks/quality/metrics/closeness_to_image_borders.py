"""Closeness to image borders: how far out an object reaches; 1 where it touches a border, more where it leaves."""

from typing import Any

import numpy as np
import pyarrow as pa

from schemas.fields import Field
from tasks.quality.bucket import Bucket
from tasks.quality.metric import QualityMetric, Values
from tasks.quality.outlines import extents_of


def of_objects(bucket: Bucket, _state: Any) -> Values:
    """The largest of max x, max y, 1 - min x and 1 - min y over the vertices, relative to the unit."""
    extents, size = bucket.once(extents_of), bucket.size_px
    reach = np.hstack([extents[:, 2:] / size, 1 - extents[:, :2] / size])
    return {"closeness_to_image_borders": reach.max(axis=1, initial=-np.inf)}


METRIC = QualityMetric(
    name="closeness_to_image_borders",
    fields=(
        Field(
            "closeness_to_image_borders",
            pa.float64(),
            "max(max x, max y, 1 - min x, 1 - min y) over the vertices; 1: at a border; null: no pixel, no point",
        ),
    ),
    of_objects=of_objects,
)
