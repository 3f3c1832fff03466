"""Quality metrics: a file each, and one entry in this tuple; their columns stand in `quality` in its order."""

from tasks.quality.metric import QualityMetric
from tasks.quality.metrics import (
    detect_occlusion_in_video,
    image_area,
    image_aspect_ratio,
    inconsistent_class_and_track,
    missing_objects_broken_tracks,
    object_count,
    polygon_shape_similarity,
    random,
)

QUALITY_METRICS: tuple[QualityMetric, ...] = (
    object_count.METRIC,
    random.METRIC,
    polygon_shape_similarity.METRIC,
    detect_occlusion_in_video.METRIC,
    inconsistent_class_and_track.METRIC,
    missing_objects_broken_tracks.METRIC,
    image_area.METRIC,
    image_aspect_ratio.METRIC,
)
