"""The table `quality`, whole: the keys that the schemas declare, and the columns that metrics bring."""

import pyarrow as pa

from schemas.fields import Field
from schemas.tables import QUALITY as KEYS
from tasks.quality.metrics import QUALITY_METRICS

IMAGE_FAULT = Field(
    "image_fault",
    pa.string(),
    "of images, why there are no numbers of its pixels: no_file, several_files, unreadable, no_image, other_size, "
    "too_large, unsupported or broken; null: they are there, or no folder of images was given",
)
QUALITY = KEYS.joined([*(field for metric in QUALITY_METRICS for field in metric.fields), IMAGE_FAULT])
