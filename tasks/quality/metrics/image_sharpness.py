"""Sharpness: how many edges an image has."""

from collections.abc import Mapping

import pyarrow as pa

from schemas.fields import Field
from tasks.kernels.image_pixels import LAPLACIAN, LAPLACIAN_SQUARES
from tasks.quality.metric import Picture, QualityMetric


def laplacian_variance(picture: Picture) -> float:
    """Over all values of all channels; it comes of whole numbers."""
    n, total, squares = picture.rgb.size, picture.sums[LAPLACIAN], picture.sums[LAPLACIAN_SQUARES]
    return (n * squares - total**2) / n**2


def of_pixels(picture: Picture) -> Mapping[str, float]:
    """Variance of the Laplacian over all values of all channels."""
    return {"image_sharpness": laplacian_variance(picture)}


METRIC = QualityMetric(
    name="image_sharpness",
    fields=(Field("image_sharpness", pa.float64(), "of images: variance of the Laplacian of red, green and blue"),),
    of_pixels=of_pixels,
)
