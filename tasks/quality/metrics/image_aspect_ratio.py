"""Image aspect ratio: how wide a data unit is by its height."""

import numpy as np
import pyarrow as pa

from schemas.fields import Field
from tasks.quality.bucket import Units
from tasks.quality.metric import QualityMetric, Values


def of_images(units: Units) -> Values:
    """Width by height; null where the height is 0."""
    high = units.height_px > 0
    nothing = np.full(len(high), np.nan)
    return {"image_aspect_ratio": np.divide(units.width_px, units.height_px, out=nothing, where=high)}


METRIC = QualityMetric(
    name="image_aspect_ratio",
    fields=(Field("image_aspect_ratio", pa.float64(), "of images: width by height; null where the height is 0"),),
    of_images=of_images,
)
