"""Polygons as masks: byte for byte pycocotools' own, and what never gets that far."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from pycocotools import mask as reference

from tasks.kernels import polygon_raster
from tasks.kernels.arrays import Float64, Int64
from tests.tasks.kernels.flat import offsets_of, rows_of

Rings = Sequence[Sequence[float]]
Objects = list[tuple[int, int, Rings]]


def flat(objects: Objects) -> tuple[Float64, Float64, Int64, Int64, Int64, Int64]:
    """(height, width, rings) of each object as the kernel takes them."""
    rings = [ring for _, _, rings in objects for ring in rings]
    coordinates = np.array([value for ring in rings for value in ring], np.float64)
    sizes = np.array([item[:2] for item in objects], np.int64).reshape(-1, 2)
    return (
        coordinates[::2].copy(),
        coordinates[1::2].copy(),
        offsets_of([len(ring) // 2 for ring in rings]),
        offsets_of([len(item[2]) for item in objects]),
        sizes[:, 0].copy(),
        sizes[:, 1].copy(),
    )


def codes_of(objects: Objects) -> list[int]:
    """What `draw_polygons` says of each."""
    codes: list[int] = polygon_raster.draw_polygons(*flat(objects)).codes.tolist()
    return codes


def assert_as_pycocotools(objects: Objects) -> None:
    """Every mask is pycocotools' own."""
    drawn = polygon_raster.draw_polygons(*flat(objects))
    ours = rows_of(drawn.data, drawn.offsets)
    for (height, width, rings), characters in zip(objects, ours, strict=True):
        expected = reference.merge(reference.frPyObjects([list(ring) for ring in rings], height, width))
        assert characters == expected["counts"], (height, width, rings)


def star(rng: np.random.Generator, height: int, width: int) -> Float64:
    """An outline about a centre, as people draw them."""
    n = int(rng.integers(3, 30))
    angle = np.sort(rng.random(n)) * 2 * np.pi
    radius = rng.uniform(0.3, 1, n) * rng.uniform(1, max(height, width))
    centre = rng.random(2) * (width, height)
    return centre + radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def tangle(rng: np.random.Generator, height: int, width: int) -> Float64:
    """Points anywhere in and about the image: crosses itself."""
    return rng.uniform(-0.6, 1.6, (int(rng.integers(3, 15)), 2)) * (width, height)


def sliver(rng: np.random.Generator, height: int, width: int) -> Float64:
    """Almost a line: there and back within a pixel."""
    there = np.linspace(rng.random(2) * (width, height), rng.random(2) * (width, height), int(rng.integers(2, 6)))
    return np.concatenate([there, there[::-1] + rng.uniform(-0.6, 0.6, there.shape)])


def stairs(rng: np.random.Generator, height: int, width: int) -> Float64:
    """Level and upright edges, with points given twice."""
    points = np.repeat(rng.uniform(-0.2, 1.2, (int(rng.integers(3, 8)), 2)) * (width, height), 2, axis=0)
    points[1:, 0] = points[:-1, 0]
    return points


def far(rng: np.random.Generator, height: int, width: int) -> Float64:
    """Points at the bounds of what is taken."""
    reach = 4 * max(height, width) + 1_000
    return rng.uniform(-reach, max(height, width) + reach, (int(rng.integers(3, 7)), 2))


def frame(rng: np.random.Generator, height: int, width: int) -> Float64:
    """The edge of the image, about: full columns next to each other."""
    corners = np.array([(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)])
    return corners + rng.integers(-1, 2, (4, 2)) * rng.choice([0, 0.1, 0.5, 1])


DRAWN = (star, tangle, sliver, stairs, far, frame)
STEPS = (1, 2, 5, 10, 100, None)
"""Parts of a pixel that coordinates are rounded to; None: not at all."""


def drawn_ring(rng: np.random.Generator, kind: int, height: int, width: int) -> list[float]:
    """A ring of the kind, rounded to whole pixels, halves, fifths, tenths, hundredths or not at all."""
    points = DRAWN[kind % len(DRAWN)](rng, height, width)
    step = STEPS[int(rng.integers(len(STEPS)))]
    return (points if step is None else np.round(points * step) / step).ravel().tolist()


def drawn_objects(seed: int, count: int, rings: Callable[[np.random.Generator], int]) -> Objects:
    """Objects of all kinds in images of 1 x 1 to 120 x 120 pixels, every 50th up to 900 x 900."""
    rng = np.random.default_rng(seed)
    objects: Objects = []
    for kind in range(count):
        longest = 900 if kind % 50 == 0 else int(rng.choice([2, 6, 30, 121]))
        height, width = (int(side) for side in rng.integers(1, longest, 2))
        objects.append((height, width, [drawn_ring(rng, kind, height, width) for _ in range(rings(rng))]))
    return objects


@pytest.mark.parametrize("seed", range(5))
def test_single_rings_equal_pycocotools(seed: int) -> None:
    """24,000 drawn rings, of all kinds and roundings, give pycocotools' bytes."""
    assert_as_pycocotools(drawn_objects(seed, 4_800, lambda _: 1))


def test_unions_of_rings_equal_pycocotools() -> None:
    """Objects of 1 to 9 overlapping rings are merged as pycocotools merges them."""
    assert_as_pycocotools(drawn_objects(17, 3_000, lambda rng: int(rng.integers(1, 10))))


def test_hand_made_rings_equal_pycocotools() -> None:
    """Repeated points, no area, one pixel, everything outside: where roundings and closings go wrong first."""
    shapes: list[list[float]] = [
        [0, 0, 0, 1, 1, 1, 1, 0],
        [0, 0, 10, 0, 10, 10, 0, 10],
        [-5, -5, 15, -5, 15, 15, -5, 15],
        [2, 2, 2, 2, 8, 8, 8, 8, 2, 8],
        [1, 1, 5, 5, 9, 9],
        [0, 0, 9, 9, 0, 9, 9, 0],
        [0.1, 0.1, 0.2, 0.1, 0.1, 0.2],
        [-20, -20, -10, -20, -10, -10],
        [20, 3, 30, 3, 30, 6],
        [3, -30, 6, -30, 4, 60],
        [0.4, 0, 0.6, 0, 0.5, 9.99],
        [-0.3, 5, 10.3, 5.5, 5, -0.3],
        [9.5, 0, 9.5, 9.5, 9.6, 4],
    ]
    sizes = [(10, 10), (1, 1), (1, 10), (10, 1), (7, 3)]
    assert_as_pycocotools([(height, width, [shape]) for shape in shapes for height, width in sizes])
    assert_as_pycocotools([(10, 10, [shapes[0], shapes[3], shapes[5], shapes[8], shapes[9]])])


def test_rings_without_area_equal_pycocotools() -> None:
    """Real files hold rings that rounding made lines or points: three points are a ring, whatever they enclose."""
    rng = np.random.default_rng(8)
    shapes: list[list[float]] = [[1, 1, 5, 5, 1, 1, 5, 5], [3, 3, 3, 3, 3, 3], [2.5, 7, 2.5, 7, 9.2, 7]]
    for _ in range(2_000):
        points = np.round(rng.uniform(-3, 13, (int(rng.integers(1, 3)), 2)), int(rng.integers(0, 3)))
        shapes.append(points[rng.integers(0, len(points), int(rng.integers(3, 7)))].ravel().tolist())
    assert_as_pycocotools([(10, 11, [shape]) for shape in shapes])
    assert_as_pycocotools([(10, 11, [shape, [0.0, 0.0, 9.0, 0.0, 9.0, 9.0]]) for shape in shapes[:200]])


def test_largest_images_equal_pycocotools() -> None:
    """Positions near 2**28 and sides of 65536 px do not overflow."""
    rng = np.random.default_rng(5)
    for height, width in ((65_536, 4_096), (4_096, 65_536), (1, 65_536), (65_536, 1)):
        assert_as_pycocotools([(height, width, [drawn_ring(rng, kind, height, width)]) for kind in range(6)])


def test_columns_with_many_crossings_equal_pycocotools() -> None:
    """A zigzag that crosses each column hundreds of times is sorted as well as a plain outline."""
    rng = np.random.default_rng(6)
    zigzag = np.stack([np.tile([2.0, 37.0], 400), rng.uniform(-5, 45, 800)], axis=1)
    assert_as_pycocotools([(40, 40, [zigzag.ravel().tolist()])])


def test_a_ring_alone_is_the_union_of_one() -> None:
    """`frPyObjects` of one ring and `merge` of it agree, so either is what we equal."""
    for height, width, rings in drawn_objects(7, 200, lambda _: 1):
        alone = reference.frPyObjects([list(rings[0])], height, width)
        assert alone[0]["counts"] == reference.merge(alone)["counts"]


def test_masks_longer_than_first_guessed_are_whole() -> None:
    """Characters beyond the first guess of their number are written after moving to more room."""
    teeth = [value for x in range(0, 400, 4) for value in (x, 0, x + 2, 20_000)]
    assert_as_pycocotools([(20_000, 400, [[*teeth, 400, 0, 400, -10, 0, -10]])])


SQUARE = [1.0, 1.0, 5.0, 1.0, 5.0, 5.0, 1.0, 5.0]


@pytest.mark.parametrize(
    ("height", "width", "rings", "expected"),
    [
        (10, 10, [SQUARE], polygon_raster.SOUND),
        (10, 10, [[1, 1, 1, 1, 2, 1, 1, 1, 1, 2]], polygon_raster.SOUND),
        (0, 10, [SQUARE], polygon_raster.SIZE),
        (65_537, 10, [SQUARE], polygon_raster.SIZE),
        (65_536, 65_536, [SQUARE], polygon_raster.SIZE),
        (10, 10, [], polygon_raster.NO_RINGS),
        (10, 10, [SQUARE, []], polygon_raster.FEW_POINTS),
        (10, 10, [[1, 1, 5, 5]], polygon_raster.FEW_POINTS),
        (10, 10, [[1, 1, 5, 5, 1, 1, 5, 5]], polygon_raster.SOUND),
        (10, 10, [[3, 3, 3, 3, 3, 3]], polygon_raster.SOUND),
        (10, 10, [[1, 1, float("nan"), 1, 5, 5]], polygon_raster.NOT_FINITE),
        (10, 10, [SQUARE, [1, 1, 5, float("-inf"), 5, 5]], polygon_raster.NOT_FINITE),
        (10, 10, [[1, 1, 1e300, 1, 5, 5]], polygon_raster.OUTSIDE),
        (10, 10, [[1, 1, 1e9, 1, 5, 5]], polygon_raster.OUTSIDE),
        (10, 20, [[1, 1, 1100, 1, 5, -1080]], polygon_raster.SOUND),
        (10, 20, [[1, 1, 1100.1, 1, 5, 5]], polygon_raster.OUTSIDE),
        (10, 20, [[1, 1, 1, -1080.1, 5, 5]], polygon_raster.OUTSIDE),
        (10, 60_000, [[0, 0, 60_000, 9] * 150 + [5, 5]], polygon_raster.CROSSINGS),
    ],
)
def test_polygons_are_checked_before_they_are_drawn(height: int, width: int, rings: Rings, expected: int) -> None:
    """Each fault has its code; the bounds themselves are inside."""
    assert codes_of([(height, width, rings)]) == [expected]


def test_one_bad_object_does_not_touch_the_others() -> None:
    """Codes are of each object alone."""
    good: Rings = [SQUARE]
    bad: Rings = [SQUARE, [1, 1, 2, 2]]
    codes = codes_of([(10, 10, good), (10, 10, bad), (10, 10, good)])
    assert codes == [polygon_raster.SOUND, polygon_raster.FEW_POINTS, polygon_raster.SOUND]
    drawn = polygon_raster.draw_polygons(*flat([(10, 10, good), (2**40, -1, bad), (10, 10, good)]))
    assert rows_of(drawn.data, drawn.offsets) == [drawn.data[:10].tobytes(), b"", drawn.data[:10].tobytes()]


def test_no_objects_give_no_masks() -> None:
    """Nothing in, nothing out."""
    drawn = polygon_raster.draw_polygons(*flat([]))
    assert (len(drawn.data), drawn.offsets.tolist(), drawn.codes.tolist(), len(drawn.x)) == (0, [0], [], 0)


def test_points_are_divided_by_the_size_of_their_own_image() -> None:
    """Of objects in images of different sizes, also of rings after the first."""
    drawn = polygon_raster.draw_polygons(*flat([(10, 20, [SQUARE, SQUARE]), (8, 4, [SQUARE])]))
    assert drawn.x.tolist() == [0.05, 0.25, 0.25, 0.05] * 2 + [0.25, 1.25, 1.25, 0.25]
    assert drawn.y.tolist() == [0.1, 0.1, 0.5, 0.5] * 2 + [0.125, 0.125, 0.625, 0.625]


def test_every_code_has_a_text() -> None:
    """The texts go with the codes one to one."""
    assert len(set(polygon_raster.FAULTS)) == len(polygon_raster.FAULTS) == polygon_raster.CROSSINGS + 1
