"""Pixels that masks share, against painted images."""

import numpy as np

from tasks.kernels.mask_iou import Masks
from tasks.kernels.overlaps import overlaps
from tests.tasks.kernels.flat import flat_bytes, offsets_of, packed

Side = list[np.ndarray]
"""The bitmaps of one unit."""


def masks_of(units: list[Side]) -> Masks:
    """The bitmaps of each unit, packed."""
    bitmaps = [bitmap for side in units for bitmap in side]
    heights = np.array([bitmap.shape[0] for bitmap in bitmaps], np.int64)
    return Masks(*flat_bytes([packed(bitmap) for bitmap in bitmaps]), heights, offsets_of([len(s) for s in units]))


def painted(side: Side, shape: tuple[int, int], first: int) -> np.ndarray:
    """The row of the first bitmap that holds each pixel, counted from `first`; -1 where none does."""
    image = np.full(shape, -1)
    for row in reversed(range(len(side))):
        image[side[row]] = first + row
    return image


def sides(rng: np.random.Generator, shape: tuple[int, int], apart: bool) -> Side:
    """0 to 5 bitmaps; `apart`: no pixel is in two of them."""
    count = int(rng.integers(0, 6))
    if apart:
        label = rng.integers(0, count + 1, shape)
        return [label == row + 1 for row in range(count)]
    return [rng.random(shape) < rng.random() for _ in range(count)]


def found(annotated: list[Side], detected: list[Side], n_pixels: list[int]) -> list[tuple[int, ...]]:
    """(unit, annotation, detection, pixels) of each pair."""
    result = overlaps(masks_of(annotated), masks_of(detected), np.array(n_pixels, np.int64))
    return list(zip(*(column.tolist() for column in result), strict=True))


def test_pairs_are_those_of_painted_images() -> None:
    """Over units of 1 x 1 to 30 x 30 pixels, with masks that overlap and masks that do not."""
    rng = np.random.default_rng(5)
    for case in range(200):
        shapes = [(int(rng.integers(1, 31)), int(rng.integers(1, 31))) for _ in range(rng.integers(0, 4))]
        annotated = [sides(rng, shape, case % 2 == 0) for shape in shapes]
        detected = [sides(rng, shape, case % 2 == 0) for shape in shapes]
        expected, first_a, first_d = [], 0, 0
        for unit, shape in enumerate(shapes):
            pair = painted(annotated[unit], shape, first_a), painted(detected[unit], shape, first_d)
            if annotated[unit] or detected[unit]:
                cells, counts = np.unique(np.stack(pair).reshape(2, -1), axis=1, return_counts=True)
                expected += [(unit, *cell, n) for cell, n in zip(cells.T.tolist(), counts.tolist(), strict=True)]
            first_a, first_d = first_a + len(annotated[unit]), first_d + len(detected[unit])
        assert found(annotated, detected, [h * w for h, w in shapes]) == expected


def test_pixels_of_a_unit_add_up() -> None:
    """Also where one side has no mask, or only masks of nothing."""
    nothing, whole = np.zeros((4, 5), bool), np.ones((4, 5), bool)
    assert found([[whole], [], [nothing]], [[], [nothing, whole], [nothing]], [20, 20, 20]) == [
        (0, 0, -1, 20),
        (1, -1, 1, 20),
        (2, -1, -1, 20),
    ]


def test_no_units_share_nothing() -> None:
    """And a unit without masks is not there."""
    assert found([], [], []) == []
    assert found([[]], [[]], [6]) == []
