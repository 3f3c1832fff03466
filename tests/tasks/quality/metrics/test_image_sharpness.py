"""Sharpness, of images of which it is known, and against OpenCV."""

import cv2
import numpy as np
import pytest

from tasks.quality.metric import Picture
from tasks.quality.metrics.image_sharpness import of_pixels
from tests.tasks.images.pictures import photo


def value(rgb: np.ndarray) -> float:
    """Of u8[H, W, 3]."""
    return of_pixels(Picture(rgb))["image_sharpness"]


def plain(*colour: int) -> np.ndarray:
    """An image of one colour."""
    return np.full((4, 6, 3), colour, np.uint8)


def test_it_is_that_of_opencv():
    """On made-up photographs."""
    for seed in range(3):
        rgb = photo(seed, 70, 50)
        want = cv2.Laplacian(rgb, cv2.CV_64F).var()
        assert value(rgb) == pytest.approx(want, rel=1e-12)


def test_plain_images_have_what_can_be_said_beforehand():
    """A plain image has no edge; a dot of one grey step has those of its neighbours."""
    assert value(plain(1, 2, 3)) == 0
    dot = np.zeros((7, 7, 3), np.uint8)
    dot[3, 3] = 1
    assert value(dot) == pytest.approx(20 / 49)
