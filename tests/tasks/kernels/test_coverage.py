"""Areas covered together, against shapely's unions of repaired outlines."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import shapely
from pycocotools import mask as coco_mask

from tasks.kernels.coverage import Outlines, union_areas
from tasks.kernels.rle_codec import frozen

Ring = Any
Polygon = list[Ring]
"""A shell, and holes."""
Shape = list[Polygon] | np.ndarray
"""Polygons, or pixels."""


def outlines_of(shapes: Sequence[Shape], height: int = 64) -> Outlines:
    """The arrays of some objects."""
    points, rings, polygon, hole, objects, packed = [np.empty((0, 2))], [0], [], [], [0], []
    number = 0
    for shape in shapes:
        masked = isinstance(shape, np.ndarray)
        packed.append(coco_mask.encode(np.asfortranarray(shape.astype(np.uint8)))["counts"] if masked else b"")
        for parts in [] if masked else shape:
            for k, ring in enumerate(parts):
                points.append(np.array(ring, float).reshape(-1, 2))
                rings.append(rings[-1] + len(ring))
                polygon.append(number)
                hole.append(k > 0)
            number += 1
        objects.append(len(polygon))
    x, y = np.ascontiguousarray(np.concatenate(points).T)
    offsets = np.cumsum([0, *map(len, packed)])
    data = frozen(np.frombuffer(b"".join(packed), np.uint8))
    whole = (np.array(values, np.int64) for values in (rings, polygon))
    return Outlines(x, y, *whole, np.array(hole, bool), np.array(objects), data, offsets, np.full(len(shapes), height))


def together(*shapes: Shape) -> float:
    """What the kernel says of all of them."""
    (area,) = union_areas(outlines_of(shapes), np.array([0]), np.array([len(shapes)]))
    return float(area)


def repaired(ring: Ring) -> Any:
    """What a ring winds around."""
    return shapely.make_valid(shapely.polygons(np.array(ring, float)), method="structure", keep_collapsed=False)


def geometry(shape: Shape) -> Any:
    """The same in shapely."""
    if isinstance(shape, np.ndarray):
        return shapely.union_all([shapely.box(x, y, x + 1, y + 1) for y, x in np.argwhere(shape)])
    holed = [repaired(shell).difference(shapely.union_all([*map(repaired, holes)])) for shell, *holes in shape]
    return shapely.union_all(holed)


def square(x: float, y: float, side: float) -> Ring:
    """Its corners."""
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]


def drawn(rng: np.random.Generator) -> Shape:
    """A box, a star, a ring that crosses itself on a grid, a polygon with a hole and another part, or a mask."""
    kind, corner = rng.integers(5), rng.uniform(0, 30, 2)
    if kind == 0:
        return [[square(*corner, float(rng.uniform(0, 30)))]]
    if kind == 1:
        angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 14)))
        reach = rng.uniform(2, 25, len(angles))
        return [[corner + np.stack([np.cos(angles), np.sin(angles)], axis=1) * reach[:, None]]]
    if kind == 2:
        return [[rng.integers(0, 20, (rng.integers(3, 9), 2)) + rng.integers(0, 30, 2)]]
    if kind == 3:
        return [[square(*corner, 20), square(*(corner + 5), float(rng.uniform(1, 25)))], [square(*(corner - 9), 15)]]
    pixels = np.zeros((64, 48), bool)
    pixels[5:25, 8:30] = rng.random((20, 22)) < 0.6
    return pixels


@pytest.mark.parametrize("seed", range(6))
def test_unions_are_those_of_shapely(seed: int):
    """Up to five objects of any kind, over one another or apart."""
    rng = np.random.default_rng(seed)
    for _ in range(40):
        shapes = [drawn(rng) for _ in range(rng.integers(1, 6))]
        want = shapely.union_all([geometry(shape) for shape in shapes]).area
        assert together(*shapes) == pytest.approx(want, rel=1e-11, abs=1e-11)


def test_a_ring_holds_what_it_winds_around():
    """A bow tie has both wings; a loop that goes round twice has what it encloses once; direction is nothing."""
    assert together([[[(0, 0), (4, 4), (4, 0), (0, 4)]]]) == 8
    assert together([[[*square(0, 0, 6), *square(0, 0, 3)]]]) == 36
    assert together([[square(0, 0, 5)[::-1]]]) == 25


def test_holes_are_left_out_of_their_own_polygon_only():
    """Another polygon, or another object, may fill them."""
    holed = [square(0, 0, 10), square(2, 2, 4)]
    assert together([holed]) == 84
    assert together([holed, [square(2, 2, 2)]]) == 88
    assert together([holed], [[square(2, 2, 4)]]) == 100
    assert together([[square(0, 0, 4), square(2, 2, 4)]]) == 12


def test_what_covers_nothing_has_no_area():
    """No objects, no rings, rings of a point, of two, or along a line; a mask without pixels."""
    assert together() == 0
    assert together([], [[[(1, 1)]]], [[[(1, 1), (5, 3)]]], [[[(0, 0), (3, 3), (9, 9)]]], np.zeros((64, 9))) == 0


def test_groups_are_apart():
    """Each has the area of its own objects; a group may be empty, or share objects with another."""
    outlines = outlines_of([[[square(0, 0, 2)]], [[square(1, 1, 2)]], [[square(9, 9, 3)]]])
    first, stop = np.array([0, 1, 1, 0]), np.array([2, 2, 1, 3])
    assert union_areas(outlines, first, stop).tolist() == [7, 4, 0, 16]


def test_a_mask_counts_its_pixels():
    """Exactly: runs that go on from column to column too."""
    pixels = np.random.default_rng(1).random((64, 200)) < 0.5
    assert together(pixels) == pixels.sum()
    assert together(np.ones((64, 200), bool), pixels) == 64 * 200
