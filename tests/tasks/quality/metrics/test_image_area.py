"""Image area: from the project's sizes."""

from tests.quality_zoo import UNITS, QualityZoo


def test_it_is_width_times_height(zoo: QualityZoo):
    """A row an image, of no set; no image is opened."""
    images = zoo.chain.table("quality").filter(of="image").join(zoo.chain.table("data_units"), on="unit_key")
    found = dict(images.select("data_hash", "image_area_px2").iter_rows())
    assert found == {unit: width * height for unit, (width, height) in UNITS.items()}
    assert images["prediction_set"].is_null().all()
