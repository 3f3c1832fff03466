"""Image area: how many pixels a data unit has."""

import pyarrow as pa

from schemas.fields import Field
from tasks.quality.bucket import Units
from tasks.quality.metric import QualityMetric, Values


def of_images(units: Units) -> Values:
    """Width times height, as the project states them."""
    return {"image_area_px2": (units.width_px * units.height_px).astype("int64")}


METRIC = QualityMetric(
    name="image_area",
    fields=(Field("image_area_px2", pa.int64(), "of images: width times height", "px²"),),
    of_images=of_images,
)
