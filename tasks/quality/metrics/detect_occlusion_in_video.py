"""Detect Occlusion in Video: objects that are smaller than their track, and of other proportions."""

from typing import Any

import numpy as np
import pyarrow as pa

from schemas.fields import Field
from tasks.columns import struct_matrix
from tasks.quality.bucket import Array, Bucket
from tasks.quality.metric import QualityMetric, Values

_FEWEST = 5
"""Objects of a track that can be judged."""
_LOW, _MODERATE, _HIGH = 0.3, 0.4, 0.7
"""Distances from the track's mean above which an object may be occluded."""
_WORDS = np.array(["none", "low", "moderate", "high"])
_NOT_OCCLUDED = 100.0
_ROUNDING = 1e-9
"""Relative spread below which a track's areas, or ratios, are equal: scaled up, rounding would look like change."""


def _sides(bucket: Bucket) -> Array:
    """float64[N, 2]: relative width and height: of rotatable boxes before they are turned, else of the hull."""
    sides = bucket.box_px[:, 2:] / bucket.size_px
    turned = bucket.is_shape("rotatable_bounding_box")
    if turned.any():
        sides[turned] = struct_matrix(bucket.column("rotated_bbox"), "wh")[turned]
    return sides


def _scaled(values: Array, starts: Array, sizes: Array) -> Array:
    """The values with the least of each track at 0 and the greatest at 1; all at 0 where they are one."""
    low = np.minimum.reduceat(values, starts)
    high = np.maximum.reduceat(values, starts)
    spread = np.where(high - low > _ROUNDING * high, high - low, np.inf)
    return (values - np.repeat(low, sizes, axis=0)) / np.repeat(spread, sizes, axis=0)


def _distances(points: Array, starts: Array, sizes: Array) -> tuple[Array, Array]:
    """(distance of each object from its track's mean, whether its area is below the mean), of area and ratio."""
    scaled = _scaled(points, starts, sizes)
    mean = np.add.reduceat(scaled, starts) / sizes[:, None]
    apart = scaled - np.repeat(mean, sizes, axis=0)
    return np.sqrt((apart**2).sum(axis=1)), apart[:, 0] < 0


def of_objects(bucket: Bucket, _state: Any) -> Values:
    """1 / distance from the track's mean of area and width / height, both scaled to 0..1, where that is above 0.3 and
    the area below the mean; else 100. Null for what has no height, and without a track of 5 others.
    """
    track, sides = bucket.objects.track, _sides(bucket)
    rows = np.flatnonzero((track >= 0) & (sides[:, 1] > 0))
    long = np.bincount(track[rows], minlength=1)[track[rows]] >= _FEWEST
    rows = rows[long]
    rows = rows[np.argsort(track[rows], kind="stable")]
    value = np.full(len(track), np.nan)
    level = np.full(len(track), -1)
    if len(rows):
        _, starts, sizes = np.unique(track[rows], return_index=True, return_counts=True)
        points = np.stack([sides[rows].prod(axis=1), sides[rows, 0] / sides[rows, 1]], axis=1)
        distance, small = _distances(points, starts, sizes)
        occluded = small & (distance > _LOW)
        value[rows] = np.where(occluded, 1 / np.where(occluded, distance, 1.0), _NOT_OCCLUDED)
        level[rows] = np.where(occluded, np.searchsorted([_LOW, _MODERATE, _HIGH], distance), 0)
    words = pa.array(_WORDS[level], mask=level < 0)
    return {"detect_occlusion_in_video": value, "occlusion_probability": words}


METRIC = QualityMetric(
    name="detect_occlusion_in_video",
    fields=(
        Field(
            "detect_occlusion_in_video",
            pa.float64(),
            "1 / distance from the track's mean area and width / height, where far off and small; else 100",
        ),
        Field("occlusion_probability", pa.string(), "none, low, moderate or high: by that distance, at 0.3, 0.4, 0.7"),
    ),
    of_objects=of_objects,
)
