"""Contrast: how far the values of an image lie apart."""

import math
from collections.abc import Mapping

import pyarrow as pa

from schemas.fields import Field
from tasks.kernels.image_pixels import SQUARES, VALUES
from tasks.quality.metric import Picture, QualityMetric


def of_pixels(picture: Picture) -> Mapping[str, float]:
    """Standard deviation over all values of all channels, 255 being 1; the variance comes of whole numbers."""
    n, total, squares = picture.rgb.size, picture.sums[VALUES], picture.sums[SQUARES]
    return {"image_contrast": math.sqrt((n * squares - total**2) / n**2) / 255}


METRIC = QualityMetric(
    name="image_contrast",
    fields=(
        Field("image_contrast", pa.float64(), "of images: standard deviation of red, green and blue, from 0 to 0.5"),
    ),
    of_pixels=of_pixels,
)
