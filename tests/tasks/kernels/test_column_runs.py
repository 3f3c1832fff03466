"""Label images as runs."""

import numpy as np
import pytest

from tasks.kernels import column_runs as module
from tasks.kernels.column_runs import Runs, column_runs
from tests.tasks.kernels.label_images import label_images


def painted(runs: Runs, height: int, width: int, background: int) -> np.ndarray:
    """The image that the runs tell of."""
    flat = np.full(height * width, background)
    for start, stop, value in zip(runs.start, runs.stop, runs.value, strict=True):
        flat[start:stop] = value
    return flat.reshape(width, height).T


@pytest.mark.parametrize("background", [0, 1, -1])
def test_runs_paint_the_image_again(background: int) -> None:
    """Every pixel but background is in one run of its value, and no run leaves its column."""
    for image in label_images(1, 120):
        height, width = image.shape
        runs = column_runs(image[:, :, None], background)
        assert (painted(runs, height, width, background) == image).all()
        assert (runs.start // height == (runs.stop - 1) // height).all()
        assert (np.repeat(np.arange(width), np.diff(runs.first)) == runs.start // height).all()
        assert not (runs.value == background).any()


def test_runs_are_as_long_as_they_can_be() -> None:
    """Neighbours in a column differ in value, or background lies between them."""
    for image in label_images(2, 120):
        runs = column_runs(image[:, :, None], 0)
        meet = (runs.stop[:-1] == runs.start[1:]) & (runs.stop[:-1] % image.shape[0] != 0)
        assert (runs.value[:-1] != runs.value[1:])[meet].all()


def test_a_pixel_of_three_bytes_is_one_number() -> None:
    """Red + 256 green + 65536 blue, as COCO's panoptic images write ids."""
    image = np.array([[[1, 2, 3], [0, 0, 255]]], np.uint8)
    assert column_runs(image, 0).value.tolist() == [1 + 2 * 256 + 3 * 65536, 255 * 65536]


def test_columns_beyond_the_limit_have_no_runs() -> None:
    """An image of alternating pixels stops where it has more runs than may be."""
    height = 4096
    image = np.zeros((height, module.MOST_RUNS // height + 3, 1), np.uint8)
    image[::2] = 1
    image[1::2] = 2
    assert module.MOST_RUNS < len(column_runs(image, 0).start) <= module.MOST_RUNS + height
