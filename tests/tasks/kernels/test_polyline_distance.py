"""Distances of polylines against shapely and brute force."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tasks.kernels.polyline_distance import polyline_pairs, resample
from tests.tasks.kernels.flat import offsets_of
from tests.tasks.kernels.test_box_iou import dense, one_unit

SAMPLES = 100
LIMITS_PX = np.array([5.0, 20.0])
FAR_PX = np.array([1e9])
"""Limits beside which every distance is near 0, so that the similarity gives it back."""


def _lines(seed: int, rows: int) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """(vertices, offsets, the same one by one): random walks of 2 to 8 vertices."""
    rng = np.random.default_rng(seed)
    lines = [np.cumsum(rng.normal(0, 8, (int(rng.integers(2, 9)), 2)), axis=0) + 20 for _ in range(rows)]
    return np.concatenate(lines), offsets_of([len(line) for line in lines]), lines


def _measured(a: np.ndarray, b: np.ndarray, frechet: bool) -> np.ndarray:
    """Distances [D, G] of samples, all in one unit, read back from similarities under a limit far away."""
    pairs = polyline_pairs(a, one_unit(len(a)), b, one_unit(len(b)), frechet, FAR_PX, 0.0)
    return (1 - dense(pairs, len(b))) * 2 * FAR_PX[0]


def _brute_chamfer(a: np.ndarray, b: np.ndarray) -> float:
    apart = np.linalg.norm(a[:, None] - b, axis=2)
    return float((apart.min(axis=0).mean() + apart.min(axis=1).mean()) / 2)


def test_samples_are_shapelys_interpolation() -> None:
    """Points at equal steps along the line; both ends to the bit."""
    vertices, offsets, lines = _lines(1, 40)
    samples = resample(vertices, offsets, SAMPLES)
    for row, line in zip(samples, lines, strict=True):
        steps = np.linspace(0, 1, SAMPLES)
        expected = shapely.get_coordinates(
            shapely.line_interpolate_point(shapely.linestrings(line), steps, normalized=True)
        )
        assert np.allclose(row.T, expected, rtol=0, atol=1e-9)
        assert row[:, 0].tolist() == line[0].tolist()
        assert row[:, -1].tolist() == line[-1].tolist()


@pytest.mark.parametrize("vertices", [[[3.0, 4.0]], [[3.0, 4.0]] * 3])
def test_a_line_without_length_is_one_point(vertices: list[list[float]]) -> None:
    """One vertex, or the same one again."""
    samples = resample(np.array(vertices), np.array([0, len(vertices)]), 5)
    assert samples.tolist() == [[[3.0] * 5, [4.0] * 5]]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=8))
def test_samples_stay_on_the_line_where_vertices_repeat(vertices: list[tuple[int, int]]) -> None:
    """Segments without length are passed over; all is finite."""
    points = np.array(vertices, float)
    samples = resample(points, np.array([0, len(points)]), 7)[0].T
    line = shapely.linestrings(points if len(points) > 1 else np.tile(points, (2, 1)))
    assert np.isfinite(samples).all()
    assert shapely.distance(shapely.points(samples), line).max() < 1e-9


def test_frechet_is_shapelys() -> None:
    """Discrete Frechet distance of the same samples."""
    found, labelled = (resample(*_lines(seed, 12)[:2], SAMPLES) for seed in (2, 3))
    lines, others = (shapely.linestrings(samples.transpose(0, 2, 1)) for samples in (found, labelled))
    expected = shapely.frechet_distance(lines[:, None], others)
    assert np.allclose(_measured(found, labelled, True), expected, rtol=0, atol=1e-5)


def test_chamfer_is_that_of_all_distances() -> None:
    """The mean of both directions, sample by sample."""
    found, labelled = (resample(*_lines(seed, 12)[:2], SAMPLES) for seed in (4, 5))
    expected = [[_brute_chamfer(a.T, b.T) for b in labelled] for a in found]
    assert np.allclose(_measured(found, labelled, False), expected, rtol=0, atol=1e-5)


def test_chamfer_is_blind_to_direction_and_frechet_is_not() -> None:
    """A line against itself walked the other way: nothing apart, and as far apart as it is long."""
    line = np.array([[0.0, 0.0], [30.0, 40.0]])
    there, back = (resample(way, np.array([0, 2]), SAMPLES) for way in (line, np.ascontiguousarray(line[::-1])))
    assert _measured(there, back, False)[0, 0] == pytest.approx(0, abs=1e-5)
    assert _measured(there, back, True)[0, 0] == pytest.approx(50, abs=1e-5)


@pytest.mark.parametrize("frechet", [False, True])
@pytest.mark.parametrize("floor", [0.1, 0.5, 0.75])
def test_a_floor_keeps_the_pairs_at_or_above_it(frechet: bool, floor: float) -> None:
    """Lines whose hulls lie too far apart are not measured, and nothing else is lost."""
    found, labelled = (resample(*_lines(seed, 30)[:2], SAMPLES) for seed in (6, 7))
    rows = one_unit(30)
    every = dense(polyline_pairs(found, rows, labelled, rows, frechet, LIMITS_PX, 0.0), 30)
    kept = dense(polyline_pairs(found, rows, labelled, rows, frechet, LIMITS_PX, floor), 30)
    assert np.array_equal(kept, np.where(every >= floor, every, np.nan), equal_nan=True)
    assert np.isnan(kept).any()
    assert not np.isnan(kept).all()


def test_a_line_moved_by_a_limit_is_just_within_it() -> None:
    """5 px aside is within 5 px, by both distances."""
    line = np.array([[0.0, 0.0], [30.0, 0.0]])
    samples = resample(np.concatenate([line, line + np.array([0, 5])]), np.array([0, 2, 4]), SAMPLES)
    for frechet in (False, True):
        pairs = polyline_pairs(samples[:1], one_unit(1), samples[1:], one_unit(1), frechet, LIMITS_PX, 0.1)
        assert pairs.similarity.tolist() == [1 - 5 / 40]


def test_pairs_stay_within_their_unit_and_outgrow_the_first_room() -> None:
    """Thousands of pairs of few detections keep their order by annotation."""
    samples = np.zeros((500, 2, 4))
    indptr = np.array([0, 20, 21]), np.array([0, 500, 500])
    pairs = polyline_pairs(samples[:21], indptr[0], samples, indptr[1], False, LIMITS_PX, 0.1)
    assert np.array_equal(pairs.annotation, np.tile(np.arange(500), 20))
    assert pairs.indptr[-1] == pairs.indptr[-2] == 10_000


@pytest.mark.parametrize(("n_found", "n_labelled"), [(0, 3), (3, 0), (0, 0)])
def test_an_empty_side_has_no_pairs(n_found: int, n_labelled: int) -> None:
    """Without detections or without annotations there are no pairs."""
    found, labelled = (resample(np.ones((n, 2)), np.arange(n + 1), SAMPLES) for n in (n_found, n_labelled))
    pairs = polyline_pairs(found, one_unit(n_found), labelled, one_unit(n_labelled), False, LIMITS_PX, 0.1)
    assert pairs.indptr.tolist() == [0] * (n_found + 1)
    assert len(pairs.annotation) == 0
