"""Green, of images of which it is known, and against OpenCV."""

import cv2
import numpy as np
import pytest

from tasks.quality.metric import Picture
from tasks.quality.metrics.image_green import of_pixels
from tests.tasks.images.pictures import photo


def value(rgb: np.ndarray) -> float:
    """Of u8[H, W, 3]."""
    return of_pixels(Picture(rgb))["image_green"]


def plain(*colour: int) -> np.ndarray:
    """An image of one colour."""
    return np.full((4, 6, 3), colour, np.uint8)


def test_it_is_that_of_opencv():
    """On made-up photographs."""
    for seed in range(3):
        rgb = photo(seed, 70, 50)
        hsv, ranges = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV), ((35, 75),)
        want = sum((cv2.inRange(hsv, (low, 50, 40), (high, 255, 255)) > 0).mean() for low, high in ranges)
        assert value(rgb) == pytest.approx(want, rel=1e-12)


def test_plain_images_have_what_can_be_said_beforehand():
    """All of it, none of another colour, none where it is too dark or too pale."""
    assert value(plain(*(0, 255, 0))) == 1
    others = [(255, 0, 0), (0, 0, 255), (39, 39, 39), (255, 250, 250)]
    assert [value(plain(*colour)) for colour in others] == [0] * 4
