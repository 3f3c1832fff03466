"""Polygon Shape Similarity: how alike an object's shape is to what it was in its track so far."""

from typing import Any

import numpy as np
import pyarrow as pa

from schemas.fields import Field
from tasks.columns import struct_matrix
from tasks.kernels.hu_moments import rectangle_hu_moments, track_similarity
from tasks.quality.bucket import Array, Bucket
from tasks.quality.metric import QualityMetric, Values

_DECAY = 0.5
"""Share of the mean so far in the mean after an object."""


def _moments(bucket: Bucket) -> Array:
    """float64[N, 7]: of the pixels of masks and polygons, of the sides of boxes; NaN for what has no area."""
    moments = bucket.hu_moments.copy()
    boxes, turned = bucket.is_shape("bounding_box"), bucket.is_shape("rotatable_bounding_box")
    sides = bucket.box_px[:, 2:].copy()
    if turned.any():
        sides[turned] = (struct_matrix(bucket.column("rotated_bbox"), "wh") * bucket.size_px)[turned]
    plain = boxes | turned
    moments[plain] = rectangle_hu_moments(*sides[plain].T)
    return moments


def of_objects(bucket: Bucket, _state: Any) -> Values:
    """Cosine of the Hu moments and their decaying mean over the track; 1 for a track's first object.

    Null without a track, and for what has no area: points, lines, skeletons, masks without a pixel.
    """
    track = bucket.objects.track
    rows = np.flatnonzero(track >= 0)
    rows = rows[np.argsort(track[rows], kind="stable")]
    indptr = np.searchsorted(track[rows], np.arange(int(track.max(initial=-1)) + 2)).astype(np.int64)
    value = np.full(len(track), np.nan)
    value[rows] = track_similarity(_moments(bucket)[rows], indptr, _DECAY)
    return {"polygon_shape_similarity": value}


METRIC = QualityMetric(
    name="polygon_shape_similarity",
    fields=(
        Field(
            "polygon_shape_similarity",
            pa.float64(),
            "cosine of an object's Hu moments with their decaying mean over its track so far; 1 for the first",
        ),
    ),
    of_objects=of_objects,
)
