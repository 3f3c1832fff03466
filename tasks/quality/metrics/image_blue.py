"""Blue: how much of an image is blue."""

from collections.abc import Mapping

import pyarrow as pa

from schemas.fields import Field
from tasks.kernels.image_pixels import BLUE
from tasks.quality.metric import Picture, QualityMetric


def of_pixels(picture: Picture) -> Mapping[str, float]:
    """Share of the pixels of hue 90 to 130, saturation 50 and more, value 40 and more (OpenCV's HSV)."""
    return {"image_blue": picture.share(BLUE)}


METRIC = QualityMetric(
    name="image_blue",
    fields=(Field("image_blue", pa.float64(), "of images: share of the pixels that are blue"),),
    of_pixels=of_pixels,
)
