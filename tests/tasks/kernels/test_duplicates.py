"""The highest IoU with another of the group, against shapely pair by pair."""

from typing import Any

import numpy as np
import pytest
import shapely

from tasks.kernels.coverage import union_areas
from tasks.kernels.duplicates import NOBODY, Extents, Highest, highest_overlaps
from tests.tasks.kernels.test_coverage import Shape, drawn, geometry, outlines_of, square


def highest(shapes: list[Shape], groups: list[list[int]], boxes: list[int] | None = None) -> Highest:
    """The kernel on objects whose geometry says hull and area; `boxes` are their hulls."""
    outlines, which = outlines_of(shapes), np.arange(len(shapes))
    hull = np.array([shapely.bounds(geometry(shape)) for shape in shapes]).reshape(-1, 4)
    masks = np.array([isinstance(shape, np.ndarray) for shape in shapes], bool)
    extents = Extents(hull, union_areas(outlines, which, which + 1), np.isin(which, boxes or []), masks)
    found = Highest(np.zeros(len(shapes)), np.full(len(shapes), NOBODY))
    member = np.array([k for group in groups for k in group], np.int64)
    highest_overlaps(outlines, extents, member, np.cumsum([0, *map(len, groups)]), found)
    return found


def iou(one: Any, other: Any) -> float:
    """As shapely has it."""
    return one.intersection(other).area / one.union(other).area


@pytest.mark.parametrize("seed", range(4))
def test_values_are_those_of_shapely(seed: int):
    """Of every kind with every other but masks with masks, which are not looked at here."""
    rng = np.random.default_rng(seed)
    shapes = [shape for shape in (drawn(rng) for _ in range(12)) if geometry(shape).area > 0]
    exact = [geometry(shape) for shape in shapes]
    found = highest(shapes, [[*range(len(shapes))]])
    for k, shape in enumerate(shapes):
        others = [
            0.0
            if j == k or (isinstance(shape, np.ndarray) and isinstance(other, np.ndarray))
            else iou(exact[k], exact[j])
            for j, other in enumerate(shapes)
        ]
        assert found.iou[k] == pytest.approx(max(others), rel=1e-9)
        assert found.partner[k] == (NOBODY if max(others) == 0 else int(np.argmax(others)))


def test_equal_outlines_have_exactly_1():
    """Whatever their vertices are; the first of equal partners is named."""
    star = [[np.random.default_rng(2).uniform(0, 30, (9, 2))]]
    found = highest([star, star, star], [[0, 1, 2]])
    assert found.iou.tolist() == [1, 1, 1]
    assert found.partner.tolist() == [1, 0, 0]


def test_groups_do_not_see_one_another():
    """An object that lies in another's group alone has nobody; neither has one in no group."""
    shapes: list[Shape] = [[[square(0, 0, 4)]], [[square(0, 0, 4)]], [[square(0, 0, 4)]]]
    assert highest(shapes, [[0, 2], [1]]).partner.tolist() == [2, NOBODY, 0]
    assert highest(shapes, []).partner.tolist() == [NOBODY] * 3


def test_boxes_are_their_hull():
    """Also where their outline says otherwise, or nothing, as of points: two boxes, and a box and a polygon."""
    shapes: list[Shape] = [[[square(0, 0, 4)]], [[[(0, 0), (4, 0), (4, 4)]]], [[[(0, 0), (4, 0), (4, 4)]]]]
    found = highest(shapes, [[0, 1]], boxes=[0, 1])
    assert found.iou[0] == pytest.approx(8 / (16 + 8 - 8))  # the areas are as given
    assert highest(shapes, [[0, 2]], boxes=[0]).iou[0] == pytest.approx(0.5)


def test_shapes_that_touch_do_not_overlap():
    """Side by side, their IoU is 0 and nobody is named."""
    found = highest([[[square(0, 0, 4)]], [[square(4, 0, 4)]]], [[0, 1]])
    assert found.iou.tolist() == [0, 0]
    assert found.partner.tolist() == [NOBODY, NOBODY]
