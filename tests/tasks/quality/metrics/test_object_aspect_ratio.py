"""Object Aspect Ratio: of the hull, in pixels."""

import pytest

from tests.quality_zoo import QualityZoo


def test_ratios_are_those_of_the_vertices(zoo: QualityZoo):
    """Width by height of the hull; in units that are not square too."""
    n = 0
    for each in zoo.objects:
        sides = each.vertices.max(axis=0) - each.vertices.min(axis=0) if len(each.vertices) else (0, 0)
        if each.shape == "point" or sides[1] == 0:
            assert each.row["object_aspect_ratio"] is None
        else:
            assert each.row["object_aspect_ratio"] == pytest.approx(sides[0] / sides[1], rel=1e-9)
            n += 1
    assert n > 300


def test_a_hull_without_width_has_ratio_0_and_one_without_height_none(zoo: QualityZoo):
    """A box of 30 x 0 px and one of 0 x 0 are null."""
    flat = [each for each in zoo.objects if each.shape == "bounding_box" and each.record["bbox"]["h"] == 0]
    assert len(flat) == 4
    assert {each.row["object_aspect_ratio"] for each in flat} == {None}
