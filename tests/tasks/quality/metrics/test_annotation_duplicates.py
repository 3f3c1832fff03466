"""Annotation Duplicates: the highest IoU with another of the class on the unit, against shapely pair by pair."""

from collections import defaultdict

import pytest
import shapely

from tests.quality_zoo import Object, QualityZoo, geometry_of

_NOTHING = {"polyline", "point"}


def compared(each: Object) -> shapely.Geometry:
    """What is compared: the geometry; of a skeleton its hull."""
    if each.shape != "skeleton":
        return geometry_of(each.record)
    return (
        shapely.box(*each.vertices.min(axis=0), *each.vertices.max(axis=0)) if len(each.vertices) else shapely.Point()
    )


def iou(one: shapely.Geometry, other: shapely.Geometry) -> float:
    """Shared by all."""
    shared = shapely.intersection(one, other).area
    return shared / shapely.union(one, other).area if shared else 0.0


def groups(zoo: QualityZoo) -> list[list[Object]]:
    """Objects of a side, unit and class."""
    found = defaultdict(list)
    for each in zoo.objects:
        if each.shape not in _NOTHING:
            found[each.predicted, each.record["source_unit"], each.record["source_category"]].append(each)
    return list(found.values())


def key(each: Object) -> int:
    """Its key, which partners name."""
    return int(each.row["prediction_key" if each.predicted else "annotation_key"])


def test_values_are_the_highest_overlaps(zoo: QualityZoo):
    """Boxes, rotated boxes, polygons, masks and skeletons' hulls are compared with one another too."""
    checked = 0
    for group in groups(zoo):
        shapes = [compared(each) for each in group]
        for k, each in enumerate(group):
            others = {key(other): iou(shapes[k], shapes[j]) for j, other in enumerate(group) if j != k}
            best = max(others.values(), default=0.0)
            assert each.row["annotation_duplicates"] == pytest.approx(best, rel=1e-8, abs=1e-12)
            partner = each.row["annotation_duplicates_partner"]
            assert (partner is None) == (best == 0)
            assert partner is None or others[partner] == pytest.approx(best, rel=1e-8)
            checked += best > 0
    assert checked > 100


def test_equal_shapes_have_exactly_1(zoo: QualityZoo):
    """A box, a mask and two crossed polygons that stand there twice."""
    twice = [each for each in zoo.objects if each.row["annotation_duplicates"] == 1.0]
    assert {"bounding_box", "bitmask"} <= {each.shape for each in twice}


def test_points_and_polylines_have_none(zoo: QualityZoo):
    """They cover nothing, so that no share of them can be covered."""
    assert {each.row["annotation_duplicates"] for each in zoo.objects if each.shape in _NOTHING} == {None}


def test_what_covers_nothing_has_no_duplicate(zoo: QualityZoo):
    """A box without area is 0 with everything, as is a mask without pixels."""
    bare = [each for each in zoo.objects if each.row["object_area_relative"] == 0 and each.shape not in _NOTHING]
    assert bare
    assert {each.row["annotation_duplicates"] for each in bare} == {0.0}
