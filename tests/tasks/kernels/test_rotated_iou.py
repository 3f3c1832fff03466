"""IoU of rotated boxes against shapely on the same corners."""

from collections.abc import Callable

import numpy as np
import pytest
import shapely

from tasks.kernels.rotated_iou import rotated_pairs
from tasks.shapes.rotatable_bounding_box import corners_px
from tests.tasks.kernels.test_box_iou import dense, one_unit

ROWS = 2_000
FAR = np.array([6e4, 6e4, 0, 0, 0])
ANGLES_DEG = (0, 45, 90, 135, 180, 270, 359.9)


def _boxes(rng: np.random.Generator, sizes_px: tuple[float, float] = (1, 100)) -> np.ndarray:
    """Boxes x, y, w, h, theta that overlap often; half of them at angles where edges run alike."""
    return np.column_stack(
        [
            rng.uniform(0, 60, (ROWS, 2)),
            np.exp(rng.uniform(*np.log(sizes_px), (ROWS, 2))),
            np.where(rng.random(ROWS) < 0.5, rng.choice(ANGLES_DEG, ROWS), rng.uniform(-400, 800, ROWS)),
        ]
    )


def _thin(rng: np.random.Generator) -> np.ndarray:
    """A thousandth of a pixel to some pixels wide, up to 2000 long."""
    boxes = _boxes(rng)
    boxes[:, 2], boxes[:, 3] = np.exp(rng.uniform(np.log(1e-3), 1, ROWS)), rng.uniform(10, 2000, ROWS)
    return boxes


def _whole(rng: np.random.Generator) -> np.ndarray:
    """Whole pixels at right angles: edges coincide and corners touch."""
    return np.column_stack(
        [rng.integers(0, 12, (ROWS, 2)), 2 * rng.integers(1, 8, (ROWS, 2)), rng.choice([0, 90, 180, 270], ROWS)]
    ).astype(float)


Sets = dict[str, Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]]
SETS: Sets = {
    "any": lambda rng: (_boxes(rng), _boxes(rng)),
    "thin": lambda rng: (_thin(rng), _boxes(rng)),
    "both thin": lambda rng: (lambda boxes: (boxes, boxes + np.abs(rng.normal(0, 1e-4, boxes.shape))))(_thin(rng)),
    "touching": lambda rng: (_whole(rng), _whole(rng)),
    "contained": lambda rng: (_boxes(rng, (0.01, 1)), _boxes(rng, (50, 500))),
    "nearly the same": lambda rng: (lambda boxes: (boxes, boxes + rng.normal(0, 1e-6, boxes.shape)))(_boxes(rng)),
    "far from the origin": lambda rng: (_boxes(rng) + FAR, _boxes(rng) + FAR),
}


def _row_by_row(found: np.ndarray, labelled: np.ndarray, crowd: bool = False) -> np.ndarray:
    """IoU of each pair of rows: every row has a unit of its own."""
    units = np.arange(len(found) + 1)
    return rotated_pairs(found, units, labelled, np.full(len(found), crowd), units, 0.0).similarity


@pytest.mark.parametrize("crowd", [False, True])
@pytest.mark.parametrize("name", SETS)
def test_iou_is_shapelys(name: str, crowd: bool) -> None:
    """Within 1e-9 on the same corners; over a crowd, the intersection over the detection's area."""
    found, labelled = map(corners_px, SETS[name](np.random.default_rng(7)))
    outlines, others = shapely.polygons(found), shapely.polygons(labelled)
    shared = shapely.area(shapely.intersection(outlines, others))
    area = shapely.area(outlines)
    expected = shared / (area if crowd else area + shapely.area(others) - shared)
    assert np.abs(_row_by_row(found, labelled, crowd) - expected).max() < 1e-9
    assert (expected > 0).sum() > 100


@pytest.mark.parametrize("make", [_boxes, _thin, _whole])
def test_identical_boxes_are_exactly_alike(make: Callable[[np.random.Generator], np.ndarray]) -> None:
    """IoU 1 to the last place, whatever the angle."""
    corners = corners_px(make(np.random.default_rng(8)))
    assert (_row_by_row(corners, corners) == 1).all()


@pytest.mark.parametrize("size", [(0.0, 10.0), (10.0, 0.0), (0.0, 0.0)])
def test_a_box_without_area_meets_nothing(size: tuple[float, float]) -> None:
    """Neither a box about it, nor itself; not even over a crowd."""
    flat = corners_px(np.array([[5.0, 5.0, *size, 30.0]]))
    around = corners_px(np.array([[0.0, 0.0, 40.0, 40.0, 10.0]]))
    for other in (flat, around):
        for crowd in (False, True):
            assert _row_by_row(flat, other, crowd).tolist() == [0]
            assert _row_by_row(other, flat, crowd).tolist() == [0]


@pytest.mark.parametrize("floor", [0.1, 0.5])
def test_a_floor_keeps_the_pairs_at_or_above_it(floor: float) -> None:
    """What cannot reach it is not clipped, and nothing else is lost."""
    found, labelled = (corners_px(_boxes(np.random.default_rng(seed)))[:60] for seed in (1, 2))
    crowd = np.arange(60) % 4 == 0
    every = dense(rotated_pairs(found, one_unit(60), labelled, crowd, one_unit(60), 0.0), 60)
    kept = dense(rotated_pairs(found, one_unit(60), labelled, crowd, one_unit(60), floor), 60)
    assert np.array_equal(kept, np.where(every >= floor, every, np.nan), equal_nan=True)
    assert not np.isnan(every).any()


def test_pairs_stay_within_their_unit() -> None:
    """Equal boxes of different units are no pair; units without either side are passed over."""
    same = corners_px(np.tile([0.0, 0.0, 10.0, 10.0, 20.0], (3, 1)))
    pairs = rotated_pairs(same, np.array([0, 1, 1, 3]), same, np.zeros(3, bool), np.array([0, 1, 3, 3]), 0.1)
    assert pairs.indptr.tolist() == [0, 1, 1, 1]
    assert pairs.annotation.tolist() == [0]


def test_entries_outgrow_the_first_room() -> None:
    """Thousands of pairs of few detections keep their order by annotation."""
    found = corners_px(np.tile([0.0, 0, 10, 10, 5], (20, 1)))
    labelled = corners_px(np.tile([0.0, 0, 10, 10, 5], (500, 1)))
    pairs = rotated_pairs(found, one_unit(20), labelled, np.zeros(500, bool), one_unit(500), 0.5)
    assert np.array_equal(pairs.annotation, np.tile(np.arange(500), 20))
    assert (pairs.similarity == 1).all()


@pytest.mark.parametrize(("n_found", "n_labelled"), [(0, 3), (3, 0), (0, 0)])
def test_an_empty_side_has_no_pairs(n_found: int, n_labelled: int) -> None:
    """Without detections or without annotations there are no pairs."""
    found, labelled = np.ones((n_found, 4, 2)), np.ones((n_labelled, 4, 2))
    crowd = np.zeros(n_labelled, bool)
    pairs = rotated_pairs(found, one_unit(n_found), labelled, crowd, one_unit(n_labelled), 0.1)
    assert pairs.indptr.tolist() == [0] * (n_found + 1)
    assert len(pairs.annotation) == 0
