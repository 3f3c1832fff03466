"""Box IoU against pycocotools' own C code."""

import numpy as np
import pytest
from pycocotools import mask as mask_api

from tasks.kernels.box_iou import box_pairs
from tasks.kernels.pairs import Pairs


def boxes(seed: int, n: int, *, whole: bool) -> np.ndarray:
    """n boxes x, y, w, h in px, some without width or height."""
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 40, (n, 4)).astype(float) if whole else rng.random((n, 4)) * 40
    values[rng.random(n) < 0.1, 2] = 0
    return values


def dense(pairs: Pairs, n_annotations: int) -> np.ndarray:
    """Similarities D x G, NaN where there is no pair."""
    table = np.full((len(pairs.indptr) - 1, n_annotations), np.nan)
    table[np.repeat(np.arange(len(table)), np.diff(pairs.indptr)), pairs.annotation] = pairs.similarity
    return table


def one_unit(n: int) -> np.ndarray:
    """indptr of a single unit with n rows."""
    return np.array([0, n])


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("floor", [0.0, 0.1, 0.5])
def test_iou_has_the_bits_of_pycocotools(whole: bool, floor: float) -> None:
    """Every pair at or above the floor is there with the bits of bbIou, crowds included, and no other."""
    found, labelled = boxes(1, 60, whole=whole), boxes(2, 40, whole=whole)
    crowd = np.arange(40) % 4 == 0
    table = dense(box_pairs(found, one_unit(60), labelled, crowd, one_unit(40), floor), 40)
    expected = mask_api.iou(found, labelled, crowd.astype(np.uint8))
    assert np.array_equal(table, np.where(expected >= floor, expected, np.nan), equal_nan=True)


def test_pairs_stay_within_their_unit() -> None:
    """Equal boxes of different units are no pair; units without either side are passed over."""
    same = np.tile([0.0, 0.0, 10.0, 10.0], (3, 1))
    pairs = box_pairs(same, np.array([0, 1, 1, 3]), same, np.zeros(3, bool), np.array([0, 1, 3, 3]), 0.1)
    assert pairs.indptr.tolist() == [0, 1, 1, 1]
    assert pairs.annotation.tolist() == [0]


def test_entries_ascend_and_outgrow_the_first_room() -> None:
    """Thousands of pairs of few detections keep their order by annotation."""
    found, labelled = np.tile([0.0, 0, 10, 10], (20, 1)), np.tile([0.0, 0, 10, 10], (500, 1))
    pairs = box_pairs(found, one_unit(20), labelled, np.zeros(500, bool), one_unit(500), 0.5)
    assert np.array_equal(pairs.annotation, np.tile(np.arange(500), 20))
    assert np.all(pairs.similarity == 1)


def test_box_without_area_meets_nothing() -> None:
    """A box of width 0 inside another has IoU 0, not NaN."""
    empty, full = np.array([[5.0, 5, 0, 5]]), np.array([[0.0, 0, 10, 10]])
    pairs = box_pairs(empty, one_unit(1), np.concatenate([full, empty]), np.zeros(2, bool), one_unit(2), 0.0)
    assert pairs.similarity.tolist() == [0, 0]


@pytest.mark.parametrize(("n_found", "n_labelled"), [(0, 3), (3, 0), (0, 0)])
def test_an_empty_side_has_no_pairs(n_found: int, n_labelled: int) -> None:
    """Without detections or without annotations there are no pairs."""
    pairs = box_pairs(
        np.ones((n_found, 4)), one_unit(n_found), np.ones((n_labelled, 4)), np.zeros(n_labelled, bool),
        one_unit(n_labelled), 0.1,
    )  # fmt: skip
    assert pairs.indptr.tolist() == [0] * (n_found + 1)
    assert len(pairs.annotation) == len(pairs.similarity) == 0
