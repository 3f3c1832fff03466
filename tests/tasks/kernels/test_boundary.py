"""Boundaries of masks against erosion, pixel by pixel."""

import numpy as np
import pytest
from pycocotools import mask as mask_api

from tasks.kernels.boundary import boundaries, least_of
from tasks.kernels.box_iou import box_pairs
from tests.tasks.kernels.flat import flat_bytes, packed, random_bitmaps, rows_of
from tests.tasks.kernels.test_box_iou import boxes, dense, one_unit


def rim_of(bitmap: np.ndarray, reach: int) -> np.ndarray:
    """Pixels of the mask that have one outside it, or outside the image, within `reach` across and down."""
    height, width = bitmap.shape
    around = np.pad(bitmap, reach)
    shifts = range(2 * reach + 1)
    inside = np.all([around[y : y + height, x : x + width] for y in shifts for x in shifts], axis=0)
    return bitmap & ~inside


def _solid(rng: np.random.Generator) -> list[np.ndarray]:
    """Large shapes with few holes, some cut off by the image's edge."""
    y, x = np.mgrid[:60, :45]
    discs = [(x - rng.uniform(0, 45)) ** 2 + (y - rng.uniform(0, 60)) ** 2 < rng.uniform(100, 2000) for _ in range(40)]
    return [disc & (rng.random(disc.shape) < 0.999) for disc in discs]


def _made(bitmaps: list[np.ndarray], reach: np.ndarray, wanted: np.ndarray) -> list[bytes]:
    height, width = (np.array([bitmap.shape[axis] for bitmap in bitmaps]) for axis in (0, 1))
    return rows_of(*boundaries(*flat_bytes([*map(packed, bitmaps)]), height, width, reach, wanted))


@pytest.mark.parametrize("reach", [1, 2, 5])
def test_a_boundary_is_what_erosion_takes_away(reach: int) -> None:
    """Byte for byte as pycocotools packs it: noise, blobs, stripes, empty and full images, thin ones and cut ones."""
    rng = np.random.default_rng(reach)
    bitmaps = [*random_bitmaps(rng, 60), *_solid(rng)]
    every = np.ones(len(bitmaps), bool)
    expected = [packed(rim_of(bitmap, reach)) for bitmap in bitmaps]
    assert _made(bitmaps, np.full(len(bitmaps), reach), every) == expected
    assert any(row != packed(bitmap) for row, bitmap in zip(expected, bitmaps, strict=True))


def test_masks_nobody_wants_stay_whole() -> None:
    """Those beside them do not."""
    bitmaps = _solid(np.random.default_rng(1))
    wanted = np.arange(len(bitmaps)) % 2 == 0
    made = _made(bitmaps, np.full(len(bitmaps), 2), wanted)
    for k, (row, bitmap) in enumerate(zip(made, bitmaps, strict=True)):
        assert row == packed(rim_of(bitmap, 2) if wanted[k] else bitmap)


def test_boundaries_that_take_more_room_than_their_masks_are_whole() -> None:
    """A mask of few characters may have a boundary of many; there are enough of them to outgrow the first room."""
    slope = np.tri(400, dtype=bool)[:, ::-1].copy()
    made = _made([slope] * 40, np.full(40, 3), np.ones(40, bool))
    assert made == [packed(rim_of(slope, 3))] * 40
    decoded = mask_api.decode([{"size": [400, 400], "counts": made[-1]}])[:, :, 0]
    assert np.array_equal(decoded, rim_of(slope, 3))


def test_no_masks_have_no_boundaries() -> None:
    """No characters, and one offset."""
    nothing = np.empty(0, np.int64)
    data, offsets = boundaries(
        np.empty(0, np.uint8), np.zeros(1, np.int64), nothing, nothing, nothing, np.empty(0, bool)
    )
    assert (len(data), offsets.tolist()) == (0, [0])


@pytest.mark.parametrize("floor", [0.0, 0.1])
def test_the_least_of_two_similarities_is_of_pairs_that_both_have(floor: float) -> None:
    """But for annotations whose first similarity stands."""
    found, others, labelled = (boxes(seed, 40, whole=False) for seed in (1, 2, 3))
    stands, crowd = np.arange(40) % 5 == 0, np.zeros(40, bool)
    pairs = [box_pairs(rows, one_unit(40), labelled, crowd, one_unit(40), floor) for rows in (found, others)]
    first, second = (dense(each, 40) for each in pairs)
    least = np.where(np.isnan(first) | np.isnan(second), np.nan, np.minimum(first, second))
    assert np.array_equal(dense(least_of(*pairs, stands), 40), np.where(stands, first, least), equal_nan=True)
