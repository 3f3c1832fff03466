"""Missing objects, broken tracks: three frames of which the middle lacks an object, or calls it another track."""

from typing import Any

import numpy as np
import pyarrow as pa

from schemas.fields import Field
from tasks.quality.bucket import Bucket
from tasks.quality.earlier_objects import earlier_objects, most_alike, same
from tasks.quality.metric import Array, QualityMetric, Values

_TWO_BACK, _BETWEEN = 0.25, 0.5
"""Least IoU with an object two frames back; IoU that one in between must exceed."""
_MISSING, _BROKEN, _NOTHING_WRONG = 0.0, 0.5, 1.0


def of_objects(bucket: Bucket, _state: Any) -> Values:
    """0 for an object that one of its class overlaps two frames on and none in between; 0.5 for one whose track is
    not that of both before it; else 1.

    Objects of one track in one frame all have the lowest of their values. Null for single images and for points.
    """
    objects = bucket.objects
    two_back = earlier_objects(bucket, 2, _TWO_BACK)
    far, _ = most_alike(two_back, same(objects.category, two_back))
    one_back = earlier_objects(bucket, 1, _BETWEEN)
    near, _ = most_alike(one_back, same(objects.category, one_back) & (one_back.similarity > _BETWEEN))
    value = np.full(len(objects.key), _NOTHING_WRONG)
    value[(far >= 0) & (near >= 0) & _differ(objects.track, far, near)] = _BROKEN
    value[far[(far >= 0) & (near < 0)]] = _MISSING
    taken = ~bucket.units.single[objects.unit] & ~bucket.is_shape("point")
    return {"missing_objects_broken_tracks": np.where(taken, _lowest_of_track(bucket, value), np.nan)}


def _differ(track: Array, far: Array, near: Array) -> Array:
    """bool[N]: whether the tracks that are known among an object's own and its two partners' are not all one."""
    three = np.stack([track, track[far], track[near]])
    known = three >= 0
    lowest = np.where(known, three, np.iinfo(np.int64).max).min(axis=0)
    return np.asarray((known & (three != lowest)).any(axis=0))


def _lowest_of_track(bucket: Bucket, value: Array) -> Array:
    """The values, each the lowest of its track in its frame."""
    tracked = np.flatnonzero(bucket.objects.track >= 0)
    both = np.stack([bucket.objects.unit[tracked], bucket.objects.track[tracked]])
    _, group = np.unique(both, axis=1, return_inverse=True)
    lowest = np.full(len(tracked), _NOTHING_WRONG)
    np.minimum.at(lowest, group, value[tracked])
    found = value.copy()
    found[tracked] = lowest[group]
    return found


METRIC = QualityMetric(
    name="missing_objects_broken_tracks",
    fields=(
        Field(
            "missing_objects_broken_tracks",
            pa.float64(),
            "0 where the object may be missing from the next frame, 0.5 where its track may be broken, else 1",
        ),
    ),
    of_objects=of_objects,
)
