"""Geometries of polygons, and their exact IoU."""

from typing import Any

import numpy as np
import pytest
import shapely

from tasks.kernels.arrays import Float64
from tasks.outlines import multipolygons, outline_pairs
from tests.tasks.kernels.flat import offsets_of
from tests.tasks.kernels.test_box_iou import dense, one_unit

Ring = list[tuple[float, float]]


def _made(*rows: list[list[Ring]]) -> Any:
    """Geometries of rows of polygons of rings."""
    polygons = [polygon for row in rows for polygon in row]
    rings = [ring for polygon in polygons for ring in polygon]
    points: Float64 = np.array([point for ring in rings for point in ring], float).reshape(-1, 2)
    return multipolygons(points, *(offsets_of([len(part) for part in parts]) for parts in (rings, polygons, rows)))


def _square(x: float, y: float, side: float) -> Ring:
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]


BOWTIE = [(0.0, 0.0), (2.0, 2.0), (2.0, 0.0), (0.0, 2.0)]
REPAIRED = {
    "plain": ([[_square(0, 0, 4)]], 16.0),
    "a hole": ([[_square(0, 0, 4), _square(1, 1, 2)]], 12.0),
    "two parts, one in the other's hole": ([[_square(0, 0, 9), _square(1, 1, 6)], [_square(2, 2, 2)]], 81 - 36 + 4.0),
    "parts that overlap count once": ([[_square(0, 0, 4)], [_square(2, 0, 4)]], 24.0),
    "a shell that crosses itself": ([[BOWTIE]], 2.0),
    "a hole beside its shell takes nothing": ([[_square(0, 0, 4), _square(9, 9, 2)]], 16.0),
    "a hole half in its shell takes half": ([[_square(0, 0, 4), _square(3, 0, 2)]], 14.0),
    "a shell without area": ([[[(0.0, 0.0), (1.0, 1.0), (2.0, 2.0)]]], 0.0),
}


@pytest.mark.parametrize("name", REPAIRED)
def test_what_is_not_simple_is_repaired(name: str) -> None:
    """The row beside it stays as it is."""
    row, area_px2 = REPAIRED[name]
    made = _made([[_square(0, 0, 7)]], row)
    assert shapely.is_valid(made).all()
    assert shapely.area(made).tolist() == pytest.approx([49, area_px2])


def test_no_rows_are_no_geometries() -> None:
    """And a row may have no polygon."""
    assert len(_made()) == 0
    assert shapely.area(_made([], [[_square(0, 0, 1)]])).tolist() == [0, 1]


def _blobs(seed: int, rows: int) -> Any:
    rng = np.random.default_rng(seed)
    angles = (np.arange(9) + rng.random((rows, 9))) * 2 * np.pi / 9
    reach, centre = rng.uniform(3, 15, (rows, 9)), rng.uniform(0, 40, (rows, 1, 2))
    return shapely.polygons(centre + np.stack([np.cos(angles), np.sin(angles)], axis=2) * reach[:, :, None])


@pytest.mark.parametrize("floor", [0.0, 0.1, 0.5])
def test_pairs_are_shapelys_ious_at_or_above_the_floor(floor: float) -> None:
    """One by one; over a crowd, the intersection over the detection's area."""
    found, labelled, crowd = _blobs(1, 25), _blobs(2, 20), np.arange(20) % 3 == 0
    pairs = outline_pairs(found, one_unit(25), labelled, one_unit(20), crowd, floor)
    expected = np.empty((25, 20))
    for d, one in enumerate(found):
        for g, other in enumerate(labelled):
            expected[d, g] = one.intersection(other).area / (one.area if crowd[g] else one.union(other).area)
    assert np.allclose(dense(pairs, 20), np.where(expected >= floor, expected, np.nan), equal_nan=True)


def test_equal_outlines_are_exactly_alike_and_empty_ones_meet_nothing() -> None:
    """To the last place, and 0 rather than NaN; within their unit alone."""
    blobs = _blobs(3, 30)
    every = np.arange(31)
    pairs = outline_pairs(blobs, every, blobs, every, np.zeros(30, bool), 0.1)
    assert (pairs.similarity == 1).all()
    assert pairs.annotation.tolist() == [*range(30)]
    flat = _made([[[(0.0, 0.0), (1.0, 1.0), (2.0, 2.0)]]], [])
    assert outline_pairs(flat, one_unit(2), flat, one_unit(2), np.zeros(2, bool), 0.0).similarity.tolist() == [0] * 4


@pytest.mark.parametrize(("n_found", "n_labelled"), [(0, 3), (3, 0), (0, 0)])
def test_an_empty_side_has_no_pairs(n_found: int, n_labelled: int) -> None:
    """Without detections or without annotations there are no pairs."""
    found, labelled = _blobs(1, n_found), _blobs(1, n_labelled)
    crowd = np.zeros(n_labelled, bool)
    pairs = outline_pairs(found, one_unit(n_found), labelled, one_unit(n_labelled), crowd, 0.1)
    assert pairs.indptr.tolist() == [0] * (n_found + 1)
    assert len(pairs.annotation) == 0
