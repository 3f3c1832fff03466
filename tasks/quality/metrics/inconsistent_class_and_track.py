"""Inconsistent class and track: another class, or another track, where an object of the previous frame lay."""

from typing import Any

import numpy as np
import pyarrow as pa

from schemas.fields import Field
from tasks.quality.bucket import Bucket
from tasks.quality.earlier_objects import earlier_objects, most_alike
from tasks.quality.metric import QualityMetric, Values

_THE_SAME_PLACE = 0.8
"""IoU above which two objects lie where one does."""


def of_objects(bucket: Bucket, _state: Any) -> Values:
    """1 - IoU with the best overlapping object of the previous frame, where that lies in the same place and is of
    another class, or of the same class and another track; else 1, also in the first frame.

    Null for single images and for points. Where either has no track, nobody says that they differ.
    """
    pairs = earlier_objects(bucket, 1, _THE_SAME_PLACE)
    before, iou = most_alike(pairs, np.ones(len(pairs.similarity), bool))
    track, category = bucket.objects.track, bucket.objects.category
    same_track = (track >= 0) & (track == track[before])
    other_track = (track >= 0) & (track[before] >= 0) & ~same_track
    doubtful = (before >= 0) & (iou > _THE_SAME_PLACE) & ~same_track
    doubtful &= (category != category[before]) | other_track
    taken = ~bucket.units.single[bucket.objects.unit] & ~bucket.is_shape("point")
    partner = pa.array(bucket.objects.key[before], mask=~(doubtful & taken))
    value = np.where(doubtful, 1 - iou, 1.0)
    return {
        "inconsistent_class_and_track": np.where(taken, value, np.nan),
        "inconsistent_class_and_track_partner": partner,
    }


METRIC = QualityMetric(
    name="inconsistent_class_and_track",
    fields=(
        Field(
            "inconsistent_class_and_track",
            pa.float64(),
            "1 - IoU with an object of the previous frame in the same place and of another class or track; else 1",
        ),
        Field("inconsistent_class_and_track_partner", pa.int64(), "key of that object"),
    ),
    of_objects=of_objects,
)
