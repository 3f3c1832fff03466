"""Brightness: how light an image is."""

from collections.abc import Mapping

import pyarrow as pa

from schemas.fields import Field
from tasks.kernels.image_pixels import VALUES
from tasks.quality.metric import Picture, QualityMetric


def of_pixels(picture: Picture) -> Mapping[str, float]:
    """Mean over all values of all channels, 255 being 1."""
    return {"image_brightness": picture.sums[VALUES] / picture.rgb.size / 255}


METRIC = QualityMetric(
    name="image_brightness",
    fields=(Field("image_brightness", pa.float64(), "of images: mean of red, green and blue, from 0 to 1"),),
    of_pixels=of_pixels,
)
