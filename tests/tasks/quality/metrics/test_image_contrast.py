"""Contrast, of images of which it is known, and against OpenCV."""

import cv2
import numpy as np
import pytest

from tasks.quality.metric import Picture
from tasks.quality.metrics.image_contrast import of_pixels
from tests.tasks.images.pictures import photo


def value(rgb: np.ndarray) -> float:
    """Of u8[H, W, 3]."""
    return of_pixels(Picture(rgb))["image_contrast"]


def plain(*colour: int) -> np.ndarray:
    """An image of one colour."""
    return np.full((4, 6, 3), colour, np.uint8)


def test_it_is_that_of_opencv():
    """On made-up photographs."""
    for seed in range(3):
        rgb = photo(seed, 70, 50)
        want = cv2.meanStdDev(rgb.reshape(-1, 1))[1].item() / 255
        assert value(rgb) == pytest.approx(want, rel=1e-12)


def test_plain_images_have_what_can_be_said_beforehand():
    """No contrast in one grey; half as much as there can be between black and white."""
    assert value(plain(9, 9, 9)) == 0
    half = plain(0, 0, 0)
    half[:2] = 255
    assert value(half) == 0.5
