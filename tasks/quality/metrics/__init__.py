"""Quality metrics: a file each, and one entry in this tuple; their columns stand in `quality` in its order."""

from tasks.quality.metric import QualityMetric
from tasks.quality.metrics import image_area, image_aspect_ratio, object_count, random

QUALITY_METRICS: tuple[QualityMetric, ...] = (
    object_count.METRIC,
    random.METRIC,
    image_area.METRIC,
    image_aspect_ratio.METRIC,
)
