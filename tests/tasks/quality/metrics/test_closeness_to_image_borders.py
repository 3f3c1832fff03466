"""Closeness to image borders: how far out the vertices reach."""

import pytest

from tests.quality_zoo import QualityZoo


def test_the_farthest_vertex_decides(zoo: QualityZoo):
    """max x, max y, 1 - min x and 1 - min y of all vertices, of every shape; corners of a rotated box where it is."""
    for each in zoo.objects:
        value = each.row["closeness_to_image_borders"]
        if not len(each.vertices):
            assert value is None
            continue
        relative = each.vertices / each.size_px
        assert value == pytest.approx(max(relative.max(), (1 - relative).max()), rel=1e-12)


def test_it_is_1_at_a_border_and_more_outside(zoo: QualityZoo):
    """A box that leaves its unit on all sides has more than 1, a mask of the whole unit exactly 1."""
    whole = [each for each in zoo.objects if each.shape == "bitmask" and each.row["object_area_relative"] == 100]
    assert {each.row["closeness_to_image_borders"] for each in whole} == {1.0}
    outside = [each for each in zoo.objects if each.shape == "bounding_box" and each.record["bbox"]["x"] == -20]
    assert len(outside) == 2
    assert all(each.row["closeness_to_image_borders"] > 1 for each in outside)


def test_what_has_no_vertex_has_none(zoo: QualityZoo):
    """A mask without pixels, an annotated skeleton without a labelled point."""
    assert {each.shape for each in zoo.objects if not len(each.vertices)} == {"bitmask", "skeleton"}
