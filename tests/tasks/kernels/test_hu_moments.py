"""Hu moments against OpenCV's, and how alike a track stays to itself against a loop that says it."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
from pycocotools import mask as coco_mask

from tasks.kernels.hu_moments import mask_hu_moments, rectangle_hu_moments, track_similarity


def hu_of(*pixels: np.ndarray) -> np.ndarray:
    """The kernel on images of 0 and 1."""
    packed = [coco_mask.encode(np.asfortranarray(image.astype(np.uint8)))["counts"] for image in pixels]
    offsets = np.cumsum([0, *(len(counts) for counts in packed)])
    heights = np.array([len(image) for image in pixels], np.int64)
    return mask_hu_moments(np.frombuffer(b"".join(packed), np.uint8), offsets, heights)


def blob(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A polygon of some corners, filled, as it may lie in an image."""
    image = np.zeros((height, width), np.uint8)
    corners = rng.integers(0, (width, height), (6, 2)).astype(np.int32)
    return cv2.fillPoly(image, [corners], 1)


def test_masks_have_the_moments_that_opencv_finds():
    """Outlines, noise and whole images have the moments of OpenCV's binary image."""
    rng = np.random.default_rng(7)
    images = [blob(rng, *rng.integers(20, 200, 2)) for _ in range(20)]
    images += [rng.random((31, 17)) < 0.4, np.ones((12, 40)), np.eye(9)]
    want = [cv2.HuMoments(cv2.moments(image.astype(np.uint8), True)).ravel() for image in images]
    assert np.abs(hu_of(*images) - want).max() < 1e-13


def test_moments_do_not_change_when_a_shape_moves_or_is_turned():
    """A mask in another corner of a larger image, turned by a quarter, has the same moments."""
    shape = blob(np.random.default_rng(3), 40, 60)
    elsewhere = np.zeros((300, 200), np.uint8)
    elsewhere[200:260, 110:150] = np.rot90(shape)
    here, there = hu_of(shape, elsewhere)
    assert np.abs(here[:6] - there[:6]).max() < 1e-14
    assert here[6] == pytest.approx(there[6], rel=1e-6)


def test_a_mirrored_shape_differs_in_the_sign_of_the_last_moment():
    """The seventh moment tells a shape from its mirror image."""
    shape = blob(np.random.default_rng(5), 50, 50)
    one, other = hu_of(shape, shape[:, ::-1])
    assert one[6] == pytest.approx(-other[6])
    assert one[6] != 0


def test_a_mask_without_pixels_has_no_moments():
    """NaN stands where there is nothing to measure."""
    assert np.isnan(hu_of(np.zeros((4, 5)))).all()
    assert hu_of().shape == (0, 7)


def test_rectangles_have_the_moments_of_their_finest_raster():
    """A rectangle drawn in a thousand pixels comes near to the one without any."""
    image = np.zeros((500, 900), np.uint8)
    image[20:420, 50:850] = 1
    assert np.abs(hu_of(image)[0] - rectangle_hu_moments(np.array([2.0]), np.array([1.0]))[0]).max() < 1e-5
    assert np.isnan(rectangle_hu_moments(np.array([2.0, 0.0]), np.array([0.0, 1.0]))).all()


def by_hand(moments: np.ndarray, decay: float) -> list[float]:
    """How alike the objects of one track are to the mean so far."""
    values, mean = [], None
    for vector in moments:
        values.append(1.0 if mean is None else float(mean @ vector / np.linalg.norm(mean) / np.linalg.norm(vector)))
        mean = vector if mean is None else decay * mean + (1 - decay) * vector
    return values


@pytest.mark.parametrize("decay", [0.5, 0.0, 0.9])
def test_a_track_is_compared_with_a_mean_that_forgets(decay: float):
    """Tracks of several lengths, one of them empty, each begin with 1 and go on as the loop says."""
    moments = np.random.default_rng(1).normal(size=(9, 7))
    indptr = np.array([0, 4, 4, 5, 9])
    want = [value for start, stop in pairwise(indptr) for value in by_hand(moments[start:stop], decay)]
    assert np.allclose(track_similarity(moments, indptr, decay), want, rtol=1e-14)


def test_an_object_without_moments_is_passed_over():
    """It has no value, and the mean goes on as if it were not there."""
    moments = np.random.default_rng(2).normal(size=(4, 7))
    moments[[0, 2]] = np.nan
    found = track_similarity(moments, np.array([0, 4]), 0.5)
    assert np.isnan(found[[0, 2]]).all()
    assert found[1] == 1.0
    assert found[3] == pytest.approx(by_hand(moments[[1, 3]], 0.5)[1])


def test_a_vector_without_length_is_like_nothing():
    """A single pixel has moments of 0, of which no cosine is defined."""
    found = track_similarity(hu_of(np.ones((1, 1)), np.ones((3, 3))), np.array([0, 2]), 0.5)
    assert found[0] == 1.0
    assert np.isnan(found[1])
