"""Filled outlines against drawings that OpenCV 5.0 made of the same points."""

import numpy as np
import pytest
from pycocotools import mask as reference

from tasks.kernels.outline_fill import fill_outlines

Points = list[tuple[float, float]]


def drawn(points: Points, height: int = 8, width: int = 8) -> list[str]:
    """The rows of an image with one outline."""
    x, y = np.array(points, float).T.copy()
    data, ends = fill_outlines(x, y, np.array([0, len(points)]), np.array([height]), np.array([width]))
    pixels = reference.decode({"size": [height, width], "counts": data[: ends[1]].tobytes()})
    return ["".join("#" if pixel else "." for pixel in row) for row in pixels]


@pytest.mark.parametrize(
    ("points", "picture"),
    [
        ([(1, 1), (4, 1), (4, 3), (1, 3)], ["......", ".####.", ".####.", ".####.", "......"]),
        ([(1.9, 1.9), (4.9, 1.9), (4.9, 3.9), (1.9, 3.9)], ["......", ".####.", ".####.", ".####.", "......"]),
        ([(0, 0), (5, 4), (0, 4)], ["#.....", "##....", "####..", "#####.", "######"]),
        ([(2, 0), (4, 2), (2, 4), (0, 2)], ["..#...", ".###..", "#####.", ".###..", "..#..."]),
        ([(0, 0), (5, 0), (5, 4), (0, 4), (0, 1)], ["######"] * 5),
        ([(3, 2)], ["......", "......", "...#..", "......", "......"]),
        ([(1, 2), (4, 2)], ["......", "......", ".####.", "......", "......"]),
        ([(-3, -3), (2, -3), (2, 2), (-3, 2)], ["###...", "###...", "###...", "......", "......"]),
        ([(7, 7), (9, 7), (9, 9)], ["......"] * 5),
        ([(0, 0), (5, 4), (5, 0), (0, 4)], ["#....#", "##..##", "######", "##..##", "#....#"]),
    ],
)
def test_outlines_are_drawn_with_their_border(points: Points, picture: list[str]) -> None:
    """Vertices cut to whole pixels, even-odd inside, nothing beyond the image."""
    assert drawn(points, 5, 6) == picture


def test_many_outlines_keep_to_themselves() -> None:
    """Each in its own image, packed one after another; without any there is nothing."""
    x, y = np.array([0.0, 2, 2, 0, 1, 3]), np.array([0.0, 0, 2, 2, 1, 1])
    data, ends = fill_outlines(x, y, np.array([0, 4, 6]), np.array([3, 4]), np.array([3, 5]))
    areas = [
        int(reference.area({"size": size, "counts": data[start:stop].tobytes()}))
        for size, start, stop in (([3, 3], 0, ends[1]), ([4, 5], ends[1], ends[2]))
    ]
    assert areas == [9, 3]
    nothing = np.zeros(0, np.int64)
    assert len(fill_outlines(np.empty(0), np.empty(0), np.zeros(1, np.int64), nothing, nothing)[0]) == 0
