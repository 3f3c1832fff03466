"""Green: how much of an image is green."""

from collections.abc import Mapping

import pyarrow as pa

from schemas.fields import Field
from tasks.kernels.image_pixels import GREEN
from tasks.quality.metric import Picture, QualityMetric


def of_pixels(picture: Picture) -> Mapping[str, float]:
    """Share of the pixels of hue 35 to 75, saturation 50 and more, value 40 and more (OpenCV's HSV)."""
    return {"image_green": picture.share(GREEN)}


METRIC = QualityMetric(
    name="image_green",
    fields=(Field("image_green", pa.float64(), "of images: share of the pixels that are green"),),
    of_pixels=of_pixels,
)
