"""Run lengths by rows turned into run lengths by columns: the same pixels, and pycocotools' own bytes."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as reference

from tasks.kernels.rle_rows import MOST_RUNS, by_columns

Array = np.ndarray[Any, Any]


def row_runs(mask: Array) -> Array:
    """Runs row by row, background first."""
    flat = mask.ravel()
    bounds = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff([0, *bounds, flat.size])
    return np.array([0, *runs] if flat[0] else runs, np.int64)


def packed(mask: Array) -> bytes:
    """What pycocotools makes of a mask."""
    counts: bytes = reference.encode(np.asfortranarray(mask))["counts"]
    return counts


@given(st.integers(1, 12), st.integers(1, 12), st.randoms(use_true_random=False), st.sampled_from([0.0, 0.1, 0.5, 1.0]))
def test_any_mask_becomes_the_bytes_of_pycocotools(height: int, width: int, random: Any, share: float) -> None:
    """Of every size and density, empty and full ones too."""
    mask = np.array([[random.random() < share for _ in range(width)] for _ in range(height)], np.uint8)
    assert by_columns(row_runs(mask), height, width).tobytes() == packed(mask)


def _disc() -> Array:
    y, x = np.mgrid[:90, :160]
    return (((y - 40) / 35) ** 2 + ((x - 80) / 60) ** 2 < 1).astype(np.uint8)


@pytest.mark.parametrize(
    "mask",
    [
        np.ones((1, 1), np.uint8),
        np.ones((7, 1), np.uint8),
        np.ones((1, 7), np.uint8),
        np.tile(np.array([[1], [0]], np.uint8), (3, 5)),
        np.tile(np.array([[1, 0]], np.uint8), (5, 3)),
        np.eye(6, dtype=np.uint8),
        np.indices((7, 9)).sum(0).astype(np.uint8) % 2,
        _disc(),
        1 - _disc(),
    ],
    ids=["pixel", "column", "row", "rows", "columns", "diagonal", "chess", "disc", "hole"],
)
def test_regular_masks(mask: Array) -> None:
    """Runs that span rows, end at a border, or are one pixel each."""
    assert by_columns(row_runs(mask), *mask.shape).tobytes() == packed(mask)


def test_more_runs_than_fit_are_refused() -> None:
    """Every second of 2**13 rows of 2**13 pixels: few runs by rows, one a pixel by columns."""
    side = 1 << 13
    assert side * side > MOST_RUNS
    assert len(by_columns(np.full(side, side, np.int64), side, side)) == 0
