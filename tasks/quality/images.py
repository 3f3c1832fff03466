"""Quality of images as such: what their sizes say."""

from collections.abc import Iterator

import pyarrow as pa

from tasks.quality.bucket import Units, units_of
from tasks.quality.metric import IMAGE
from tasks.quality.metrics import QUALITY_METRICS
from tasks.quality.work import quality_rows
from tasks.units import UnitIndex


def image_rows(index: UnitIndex) -> Iterator[pa.Table]:
    """A row for each live data unit of the project, sequence by sequence."""
    units: Units = units_of(index, 0, 1)
    values = [metric.of_images(units) for metric in QUALITY_METRICS if metric.of_images is not None]
    yield quality_rows(IMAGE, None, units.key, {}, values)
