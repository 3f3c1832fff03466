"""Object Count: objects of every shape."""

import pytest

from tests.quality_zoo import UNITS, QualityZoo


@pytest.mark.parametrize("predicted", [True, False], ids=["predictions", "annotations"])
def test_every_object_counts(zoo: QualityZoo, predicted: bool):
    """Points and what covers nothing too; a unit without any has 0."""
    objects = zoo.predictions if predicted else zoo.annotations
    want = {unit: sum(each.record["source_unit"] == unit for each in objects) for unit in UNITS}
    assert {unit: row["object_count"] for unit, row in zoo.units[predicted].items()} == want
    assert want["u4"] == 0
