"""Image aspect ratio: from the project's sizes."""

import numpy as np

from tasks.quality.bucket import Units
from tasks.quality.metrics.image_aspect_ratio import of_images
from tests.quality_zoo import UNITS, QualityZoo


def test_it_is_width_by_height(zoo: QualityZoo):
    """A row an image, of no set."""
    images = zoo.chain.table("quality").filter(of="image").join(zoo.chain.table("data_units"), on="unit_key")
    found = dict(images.select("data_hash", "image_aspect_ratio").iter_rows())
    assert found == {unit: width / height for unit, (width, height) in UNITS.items()}


def test_a_unit_without_height_has_none():
    """Audio has no pixels: its size is 0 x 0."""
    key, zero = np.zeros(1, np.int64), np.zeros(1)
    units = Units(key, zero, zero, key, np.array([0, 1]), np.ones(1, bool))
    assert np.isnan(of_images(units)["image_aspect_ratio"]).all()
