"""Shape outlier: how near an object's shape is to what its class looks like."""

from math import sqrt
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.fields import Field
from tasks.exact_sums import UNIT, ExactSums, exact_sums, squares
from tasks.kernels.hu_moments import MOMENTS
from tasks.quality.bucket import Bucket
from tasks.quality.metric import Array, QualityMetric, Values


class _Sums(NamedTuple):
    """Exact, of the moments of objects that have any."""

    counts: dict[int, int]
    """Objects by class."""
    by_class: dict[int, ExactSums]
    """Sum of each moment by class."""
    squared: ExactSums
    """Sum of each moment's squares over all classes."""


class Shapes(NamedTuple):
    """What is usual."""

    centroid: dict[int, Array]
    """float64[7] by class: the mean of each moment."""
    spread: Array
    """float64[7]: standard deviation of each moment over all objects; 0 where all have the same."""


def partial(bucket: Bucket) -> _Sums:
    """A bucket's share of the sums."""
    moments = bucket.hu_moments
    known = ~np.isnan(moments[:, 0])
    moments, category = moments[known], bucket.objects.category[known]
    classes, place = np.unique(category, return_inverse=True)
    columns = [exact_sums(np.ascontiguousarray(column), place, len(classes)) for column in moments.T]
    every = np.zeros(len(moments), np.int64)
    squared = [sum(sum(exact_sums(part, every, 1)) for part in squares(column)) for column in moments.T]
    return _Sums(
        dict(zip(classes.tolist(), np.bincount(place, minlength=len(classes)).tolist(), strict=True)),
        {key: [column[k] for column in columns] for k, key in enumerate(classes.tolist())},
        squared,
    )


def combine(parts: list[_Sums]) -> Shapes:
    """Means and deviations, rounded once, from sums that are not."""
    classes = sorted({key for part in parts for key in part.counts})
    counts = {key: sum(part.counts.get(key, 0) for part in parts) for key in classes}
    nothing = [0] * MOMENTS
    sums = {key: [sum(m) for m in zip(*(p.by_class.get(key, nothing) for p in parts), strict=True)] for key in classes}
    n = sum(counts.values())
    whole = [sum(column) for column in zip(*sums.values(), strict=True)] or nothing
    squared = [sum(column) for column in zip(*(part.squared for part in parts), strict=True)] or nothing
    variance = [
        (n * s2 * UNIT - s * s) / (n * n * UNIT * UNIT) if n else 0.0 for s, s2 in zip(whole, squared, strict=True)
    ]
    centroid = {key: np.array([value / (counts[key] * UNIT) for value in sums[key]]) for key in classes}
    return Shapes(centroid, np.array([sqrt(max(value, 0.0)) for value in variance]))


def of_objects(bucket: Bucket, state: Shapes) -> Values:
    """1 by the distance of the object's moments, each by its deviation, from its class's mean; null at the mean."""
    moments, category = bucket.hu_moments, bucket.objects.category
    known = ~np.isnan(moments[:, 0])
    classes, place = np.unique(category[known], return_inverse=True)
    centroids = np.array([state.centroid[key] for key in classes.tolist()]).reshape(-1, MOMENTS)
    varies = state.spread > 0
    apart = (moments[known] - centroids[place])[:, varies] / state.spread[varies]
    distance = np.sqrt(np.square(apart).sum(axis=1))
    outlier = np.full(len(moments), np.nan)
    outlier[known] = np.divide(1, distance, out=np.full(len(distance), np.nan), where=distance > 0)
    return {"shape_outlier": outlier}


METRIC = QualityMetric(
    name="shape_outlier",
    fields=(
        Field(
            "shape_outlier",
            pa.float64(),
            "1 / distance of the object's standardised Hu moments from its class's mean, of polygons and masks: the "
            "lower, the odder; null: no mask, or at the mean",
        ),
    ),
    of_objects=of_objects,
    partial=partial,
    combine=combine,
)
