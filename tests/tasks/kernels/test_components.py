"""Label images as masks, against a flood fill and against pycocotools' packing of each value's pixels."""

import numpy as np
import pytest

from tasks.kernels import column_runs
from tasks.kernels.components import Regions, components, values
from tests.tasks.kernels.flat import packed, rows_of
from tests.tasks.kernels.label_images import label_images

Found = list[tuple[int, int, bytes]]


def told(regions: Regions) -> Found:
    """(value, area, characters) of each mask."""
    areas = (regions.value.tolist(), regions.area_px2.tolist())
    return list(zip(*areas, rows_of(regions.data, regions.offsets), strict=True))


def flooded(image: np.ndarray, y: int, x: int) -> np.ndarray:
    """The pixels of one value that can be reached from one, in eight directions."""
    reached, waiting = np.zeros(image.shape, bool), [(y, x)]
    while waiting:
        i, j = waiting.pop()
        if 0 <= i < image.shape[0] and 0 <= j < image.shape[1] and not reached[i, j] and image[i, j] == image[y, x]:
            reached[i, j] = True
            waiting += [(i + down, j + right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return reached


def flood_fill(image: np.ndarray) -> Found:
    """Every component, by its first pixel down the columns."""
    seen, found = image == 0, []
    for x, y in np.ndindex(*image.T.shape):
        if not seen[y, x]:
            component = flooded(image, y, x)
            seen |= component
            found.append((int(image[y, x]), int(component.sum()), packed(component)))
    return found


def test_components_are_those_of_a_flood_fill() -> None:
    """Value, area and packed characters of each, in order: corners join, values part, holes stay."""
    for image in label_images(3, 300):
        assert told(components(image[:, :, None])) == flood_fill(image)


@pytest.mark.parametrize("background", [0, 2, -1])
def test_values_are_the_pixels_of_each(background: int) -> None:
    """By value, background aside, connected or not."""
    for image in label_images(4, 150):
        there = [value for value in np.unique(image).tolist() if value != background]
        expected = [(value, int((image == value).sum()), packed(image == value)) for value in there]
        assert told(values(image[:, :, None], background)) == expected


def test_small_components_are_told_but_not_packed() -> None:
    """Their area is there, their characters are not; the bound is inclusive."""
    image = np.array([[7, 0, 9, 9], [0, 0, 9, 9], [5, 5, 0, 0], [5, 0, 0, 3]], np.uint8)
    found = told(components(image[:, :, None], 3))
    assert [(value, area) for value, area, _ in found] == [(7, 1), (5, 3), (9, 4), (3, 1)]
    assert [characters != b"" for *_, characters in found] == [False, True, True, False]


def test_a_mask_that_goes_on_in_the_next_column_has_no_empty_run() -> None:
    """A full image is one run, though each of its columns is one of its own."""
    full = np.full((3, 4, 1), 8, np.uint8)
    for regions in (components(full), values(full)):
        assert told(regions) == [(8, 12, packed(np.ones((3, 4), bool)))]


def test_an_image_of_nothing_has_no_masks() -> None:
    """Nor any characters."""
    for regions in (components(np.zeros((5, 6, 1), np.uint8)), values(np.zeros((5, 6, 1), np.uint8))):
        assert told(regions) == []
        assert regions.offsets.tolist() == [0]


def test_an_image_of_too_many_runs_is_refused() -> None:
    """However small its file was."""
    image = np.zeros((4096, column_runs.MOST_RUNS // 4096 + 2, 1), np.uint8)
    image[::2] = 1
    image[1::2] = 2
    for regions_of in (components, values):
        with pytest.raises(ValueError, match="more than 4194304 stretches"):
            regions_of(image)
