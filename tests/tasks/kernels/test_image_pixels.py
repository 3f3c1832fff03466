"""Sums over pixels against OpenCV: the Laplacian to the bit, the colours of all that there are."""

import cv2
import numpy as np
import pytest

from tasks.kernels.image_pixels import (
    BLUE,
    GREEN,
    LAPLACIAN,
    LAPLACIAN_SQUARES,
    RED,
    SQUARES,
    VALUES,
    image_sums,
)

HUES = {RED: ((0, 10), (170, 179)), GREEN: ((35, 75),), BLUE: ((90, 130),)}


def noise(height: int, width: int) -> np.ndarray:
    """An image of any values."""
    return np.random.default_rng(height * width).integers(0, 256, (height, width, 3)).astype(np.uint8)


@pytest.mark.parametrize("size", [(1, 1), (1, 2), (2, 1), (2, 2), (3, 2), (2, 3), (3, 3), (5, 1500), (120, 160)])
def test_the_laplacian_is_that_of_opencv(size: tuple[int, int]):
    """Down to one pixel, and over more than one block, sum and squares are the same whole numbers."""
    image = noise(*size)
    want = cv2.Laplacian(image, cv2.CV_64F)
    sums = image_sums(image)
    assert (sums[LAPLACIAN], sums[LAPLACIAN_SQUARES]) == (want.sum(), (want**2).sum())


def test_values_and_their_squares_are_added_up():
    """White images are as bright as can be, also where a row is longer than a block."""
    image = np.full((3, 5000, 3), 255, np.uint8)
    sums = image_sums(image)
    assert (sums[VALUES], sums[SQUARES]) == (image.size * 255, image.size * 255**2)
    assert not sums[2:].any()


def test_every_colour_is_the_one_that_opencv_makes_of_it():
    """Of the 16.7 million colours, taken 65,536 at a time, as many are red, green and blue as in OpenCV's HSV."""
    grid = np.stack(np.meshgrid(np.arange(256), np.arange(256), indexing="ij"), axis=-1).astype(np.uint8)
    for red in range(256):
        image = np.concatenate([np.full((256, 256, 1), red, np.uint8), grid], axis=2)
        sums, hsv = image_sums(image), cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
        for colour, ranges in HUES.items():
            found = sum(np.count_nonzero(cv2.inRange(hsv, (low, 50, 40), (high, 255, 255))) for low, high in ranges)
            assert sums[colour] == found, (red, colour)
