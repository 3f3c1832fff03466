"""Polylines: relative vertices beside exact ones, compared by Chamfer and Frechet distance."""

from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from schemas.fields import POINT
from tasks.shapes.polyline import SHAPE, frechet_pairs
from tests.tasks.shapes.sides import as_matrix, extent, side

LINES = [[(10.0, 20.0), (30.0, 5.0), (30.0, 25.0)], [(7.0, 7.0)], [(0.0, 0.0), (200.0, 50.0)]]
OPTIONS = {"limits": (5.0, 50.0)}


def _vertices(line: list[tuple[float, float]]) -> list[dict[str, float]]:
    return [{"x": x, "y": y} for x, y in line]


def _normalized(lines: list[list[tuple[float, float]]]) -> Any:
    return SHAPE.normalize(pa.array(map(_vertices, lines), pa.list_(POINT)), extent(200, 50, len(lines)))


def test_vertices_are_divided_by_width_and_height_and_kept_exactly() -> None:
    """Hull and area are over all of them, as of keypoints."""
    done = _normalized(LINES)
    assert done.columns["polyline"].to_pylist()[0][1] == {"x": 0.15, "y": 0.1}
    assert done.columns["keypoints_px"].to_pylist() == [*map(_vertices, LINES)]
    assert done.hull_px().tolist() == [[10, 5, 20, 20], [7, 7, 0, 0], [0, 0, 200, 50]]
    assert done.area_px2().tolist() == [400, 0, 10_000]
    assert done.faults.codes == []


def test_polylines_that_are_none_are_faults() -> None:
    """Without vertices, or with one that is not finite; the rows beside them stay."""
    faults = _normalized([[], LINES[0], [(1.0, float("nan")), (2.0, 2.0)], LINES[2]]).faults
    assert faults.rows.tolist() == [0, 2]
    assert faults.codes == ["no_geometry", "not_finite"]
    assert "without vertices" in faults.texts[0]


def test_no_polylines_are_no_rows() -> None:
    """In every column."""
    assert {len(column) for column in _normalized([]).columns.values()} == {0}


def _side(lines: list[list[tuple[float, float]]], counts: list[int]) -> Any:
    done = _normalized(lines)
    return side({name: done.columns[name].to_pylist() for name in SHAPE.needs}, counts)


def _samples(line: list[tuple[float, float]]) -> np.ndarray:
    whole = shapely.linestrings(line if len(line) > 1 else line * 2)
    return shapely.get_coordinates(shapely.line_interpolate_point(whole, np.linspace(0, 1, 100), normalized=True))


def _similarity(distances: np.ndarray) -> np.ndarray:
    """1 - d / 100 px within a unit of the first two lines and one of the third; 0 below .1."""
    together = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]])
    found = (1 - distances / 100) * together
    return np.where(found >= 0.1, found, 0)


def test_pairs_are_by_chamfer_distance_within_a_unit() -> None:
    """Over a hundred samples of each."""
    moved = [[(x + 3, y + 4) for x, y in line] for line in LINES]
    apart = np.linalg.norm([[a[:, None] - b for b in map(_samples, LINES)] for a in map(_samples, moved)], axis=-1)
    expected = (apart.min(axis=-1).mean(axis=-1) + apart.min(axis=-2).mean(axis=-1)) / 2
    pairs = SHAPE.pairs(_side(moved, [2, 1]), _side(LINES, [2, 1]), 0.1, OPTIONS)
    assert np.allclose(as_matrix(pairs, 3), _similarity(expected))


def test_pairs_may_be_by_frechet_distance() -> None:
    """As shapely has it of the samples; lines that run the other way are far."""
    backwards = [line[::-1] for line in LINES]
    lines, others = (np.array([shapely.linestrings(_samples(line)) for line in side]) for side in (backwards, LINES))
    expected = shapely.frechet_distance(lines[:, None], others)
    pairs = frechet_pairs(_side(backwards, [2, 1]), _side(LINES, [2, 1]), 0.1, OPTIONS)
    assert np.allclose(as_matrix(pairs, 3), _similarity(expected))
    assert expected[2, 2] > 200


def test_rows_with_a_polyline_are_given() -> None:
    """Others are not."""
    table = pa.table({"polyline": pa.array([_vertices(LINES[0]), None], pa.list_(POINT))})
    assert SHAPE.given(table).tolist() == [True, False]
