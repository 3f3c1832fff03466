"""Random: a number that depends on nothing but the key, to draw samples by."""

from typing import Any

import numpy as np
import pyarrow as pa

from schemas.fields import Field
from tasks.quality.bucket import Bucket
from tasks.quality.metric import Array, QualityMetric, Values
from tasks.units import mix

_SEED = 42
_MANTISSA_BITS = 53


def uniform(keys: Array) -> Array:
    """float64[n] in [0, 1), by int64 keys: the upper bits of each key well mixed."""
    mixed = mix([np.full(len(keys), _SEED, np.int64), keys], len(keys))
    return (mixed >> np.uint64(64 - _MANTISSA_BITS)).astype(float) / (1 << _MANTISSA_BITS)


def of_objects(bucket: Bucket, _state: Any) -> Values:
    """By prediction_key or annotation_key."""
    return {"random": uniform(bucket.objects.key)}


def of_units(bucket: Bucket, _state: Any) -> Values:
    """By unit_key."""
    return {"random": uniform(bucket.units.key)}


METRIC = QualityMetric(
    name="random",
    fields=(Field("random", pa.float64(), "a seeded random number in [0, 1), by the row's key: for samples"),),
    of_objects=of_objects,
    of_units=of_units,
)
