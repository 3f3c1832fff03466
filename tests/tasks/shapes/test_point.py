"""Single points: normalized as keypoints, compared by their distance."""

from typing import Any

import numpy as np
import pyarrow as pa

from schemas.fields import FIELDS, KEYPOINT
from tasks.shapes import skeleton
from tasks.shapes.point import SHAPE, pairs_at
from tests.tasks.shapes.sides import as_matrix, extent, side


def _side(points: list[tuple[float, float]], counts: list[int]) -> Any:
    columns: dict[str, list[Any]] = {
        "shape": ["point"] * len(points),
        "keypoints_px": [[{"x": x, "y": y}] for x, y in points],
    }
    return side(columns, counts)


def test_a_point_is_divided_by_width_and_height_and_kept_exactly() -> None:
    """Its hull and area are empty, where it lies."""
    row = [{"x": 30.0, "y": 5.0, "visibility": 2, "name": None}]
    done = SHAPE.normalize(pa.array([row], pa.list_(KEYPOINT)), extent(200, 50, 1))
    assert done.columns["keypoints"].to_pylist() == [[{**row[0], "x": 0.15, "y": 0.1}]]
    assert done.columns["keypoints_px"].to_pylist() == [[{"x": 30, "y": 5}]]
    assert done.hull_px is not None
    assert done.hull_px().tolist() == [[30, 5, 0, 0]]
    assert done.area_px2().tolist() == [0]


def test_pairs_are_by_distance_in_pixels_within_a_unit() -> None:
    """5 px of limits up to 10 px are 1 - 5 / 20; beyond 20 px there is nothing."""
    found, truth = _side([(0, 0), (3, 4), (0, 0)], [2, 1]), _side([(0, 0), (0, 21), (30, 40)], [2, 1])
    pairs = SHAPE.pairs(found, truth, 0.1, {"limits": (5.0, 10.0)})
    expected = [[1, 0, 0], [0.75, 1 - np.hypot(3, 17) / 20, 0], [0, 0, 0]]
    assert np.allclose(as_matrix(pairs, 3), expected)


def test_distances_may_be_relative_to_each_unit() -> None:
    """The same 5 px in units of 50 and 100 px."""
    found, truth = _side([(3, 4), (3, 4)], [1, 1]), _side([(0, 0), (0, 0)], [1, 1])
    pairs = pairs_at(found, truth, np.array([50.0, 100.0]), np.array([0.1]), 0.1)
    assert pairs.similarity.tolist() == [0.5, 0.75]


def test_rows_of_shape_point_are_given() -> None:
    """Skeletons, even of one point, are the other shape that keypoints hold: a row is given as one or the other."""
    point = [{"x": 1.0, "y": 2.0}]
    shapes = ["point", "skeleton", "point", None]
    content = {"shape": shapes, "keypoints": [[], [], None, []], "keypoints_px": [point, point, None, point]}
    table = pa.table({name: pa.array(values, FIELDS[name].type) for name, values in content.items()})
    assert SHAPE.given(table).tolist() == [True, False, False, False]
    assert skeleton.SHAPE.given(table).tolist() == [False, True, False, True]
