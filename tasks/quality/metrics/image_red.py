"""Red: how much of an image is red."""

from collections.abc import Mapping

import pyarrow as pa

from schemas.fields import Field
from tasks.kernels.image_pixels import RED
from tasks.quality.metric import Picture, QualityMetric


def of_pixels(picture: Picture) -> Mapping[str, float]:
    """Share of the pixels of hue 0 to 10 or 170 to 179, saturation 50 and more, value 40 and more (OpenCV's HSV)."""
    return {"image_red": picture.share(RED)}


METRIC = QualityMetric(
    name="image_red",
    fields=(Field("image_red", pa.float64(), "of images: share of the pixels that are red"),),
    of_pixels=of_pixels,
)
