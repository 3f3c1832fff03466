"""Masks as toggles."""

import numpy as np

from tasks.kernels.toggles import merge_rings, push_toggle, toggles_to_runs
from tests.tasks.kernels.flat import offsets_of

N_PIXELS = 40


def inside(toggles: np.ndarray) -> np.ndarray:
    """Pixels of a mask, each told by how many toggles lie at or before it."""
    return np.searchsorted(toggles, np.arange(N_PIXELS), side="right") % 2 == 1


def test_two_toggles_at_one_place_cancel() -> None:
    """Of equal positions an even number leaves nothing and an odd number one."""
    toggles, n = np.zeros(9, np.int64), 0
    for position in (0, 3, 3, 5, 5, 5, 7, 7, 7, 7):
        n = push_toggle(toggles, n, position)
    assert toggles[:n].tolist() == [0, 5]


def test_runs_cover_the_image_without_an_empty_run_at_the_end() -> None:
    """Runs begin with background, even of length 0, and end where the image ends."""
    runs = np.zeros(5, np.int64)
    for toggles, expected in (([], [40]), ([0, 40], [0, 40]), ([3, 5], [3, 2, 35]), ([3, 5, 39, 40], [3, 2, 34, 1])):
        n_runs = toggles_to_runs(np.array(toggles, np.int64), N_PIXELS, runs)
        assert runs[:n_runs].tolist() == expected


def test_merging_is_the_union_of_pixels() -> None:
    """Of 0 to 12 random masks, the union covers the pixels of any, and no toggle is there twice."""
    rng = np.random.default_rng(1)
    for count in [*range(13)] * 30:
        masks = [np.sort(rng.choice(N_PIXELS + 1, 2 * int(rng.integers(0, 6)), replace=False)) for _ in range(count)]
        room = np.zeros(200, np.int64)
        bounds = offsets_of([len(mask) for mask in masks])
        room[: bounds[-1]] = np.concatenate([np.zeros(0, np.int64), *masks])
        union = merge_rings(room, np.zeros(200, np.int64), bounds, count)
        expected = np.zeros(N_PIXELS, bool)
        for mask in masks:
            expected |= inside(mask)
        assert np.array_equal(inside(union), expected)
        assert (np.diff(union) > 0).all()
