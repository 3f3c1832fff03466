"""Object Area, relative, against shapely's areas."""

import pytest

from tests.quality_zoo import QualityZoo, geometry_of


def test_areas_are_those_of_the_geometry(zoo: QualityZoo):
    """Of boxes, rotated boxes, polygons (crossed, with holes, in parts) and masks: 100 x area by the unit's area."""
    outlines = [each for each in zoo.objects if each.shape not in {"polyline", "point", "skeleton"}]
    want = [100 * geometry_of(each.record).area / (each.size_px[0] * each.size_px[1]) for each in outlines]
    assert [each.row["object_area_relative"] for each in outlines] == pytest.approx(want, rel=1e-10, abs=1e-10)
    assert {each.shape for each in outlines} == {"bounding_box", "rotatable_bounding_box", "polygon", "bitmask"}


def test_lines_and_skeletons_have_the_area_of_their_hull(zoo: QualityZoo):
    """That is what COCO takes for keypoints; a skeleton without a labelled point has none."""
    for each in zoo.objects:
        if each.shape in {"polyline", "skeleton"} and len(each.vertices):
            sides = each.vertices.max(axis=0) - each.vertices.min(axis=0)
            want = 100 * sides.prod() / (each.size_px[0] * each.size_px[1])
            assert each.row["object_area_relative"] == pytest.approx(want, rel=1e-10)
    bare = [each for each in zoo.objects if each.shape == "skeleton" and not len(each.vertices)]
    assert [each.row["object_area_relative"] for each in bare] == [None]


def test_a_point_has_no_area(zoo: QualityZoo):
    """Null, and not 0: it is not small."""
    assert {each.row["object_area_relative"] for each in zoo.objects if each.shape == "point"} == {None}
