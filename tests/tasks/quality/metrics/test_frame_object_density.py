"""Frame object density: the area of the union of all objects, against shapely's."""

import pytest
import shapely

from tests.quality_zoo import UNITS, QualityZoo, geometry_of


@pytest.mark.parametrize("predicted", [True, False], ids=["predictions", "annotations"])
def test_density_is_the_share_of_the_union(zoo: QualityZoo, predicted: bool):
    """Whatever shapes lie over one another, and also where they leave the unit; a unit without objects has 0."""
    objects = zoo.predictions if predicted else zoo.annotations
    for unit, (width, height) in UNITS.items():
        covers = [geometry_of(each.record) for each in objects if each.record["source_unit"] == unit]
        want = 100 * shapely.union_all(covers).area / (width * height)
        assert zoo.units[predicted][unit]["frame_object_density"] == pytest.approx(want, rel=1e-9)
    assert zoo.units[predicted]["u4"]["frame_object_density"] == 0
    assert zoo.units[predicted]["u2"]["frame_object_density"] > 100
