"""Blur: how few edges an image has."""

from collections.abc import Mapping

import pyarrow as pa

from schemas.fields import Field
from tasks.quality.metric import Picture, QualityMetric
from tasks.quality.metrics.image_sharpness import laplacian_variance


def of_pixels(picture: Picture) -> Mapping[str, float]:
    """1 - sharpness: 1 for a plain image, and far below 0 for most."""
    return {"image_blur": 1 - laplacian_variance(picture)}


METRIC = QualityMetric(
    name="image_blur",
    fields=(Field("image_blur", pa.float64(), "of images: 1 - sharpness"),),
    of_pixels=of_pixels,
)
