"""Rotatable boxes: unrotated and relative beside their corners in pixels, and IoU of the outlines."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely

from schemas.fields import FIELDS, ROTATED_BOX
from tasks.shape_rules import fit_shapes
from tasks.shapes.rotatable_bounding_box import PARTS, SHAPE, corners_px
from tests.tasks.shapes.sides import as_matrix, extent, side


def _boxes(rows: list[list[float]]) -> list[dict[str, float]]:
    return [dict(zip(PARTS, row, strict=True)) for row in rows]


def _normalized(rows: list[list[float]]) -> Any:
    return SHAPE.normalize(pa.array(_boxes(rows), ROTATED_BOX), extent(200, 50, len(rows)))


def test_the_unrotated_box_is_divided_by_width_and_height() -> None:
    """Its angle stays as it is, also beyond a turn; its area is w h in px²."""
    done = _normalized([[10, 20, 30, 5, 30], [10, 20, 30, 5, -390.5]])
    first, second = done.columns["rotated_bbox"].to_pylist()
    assert first == {"x": 0.05, "y": 0.4, "w": 0.15, "h": 0.1, "theta": 30}
    assert second == {**first, "theta": -390.5}
    assert done.area_px2().tolist() == [150, 150]
    assert done.faults.codes == []


TURNED = [
    (0.0, [(0.1, 0.2), (0.4, 0.2), (0.4, 0.9), (0.1, 0.9)]),
    (360.0, [(0.1, 0.2), (0.4, 0.2), (0.4, 0.9), (0.1, 0.9)]),
    (180.0, [(0.4, 0.9), (0.1, 0.9), (0.1, 0.2), (0.4, 0.2)]),
]


@pytest.mark.parametrize(("theta_deg", "corners"), TURNED)
def test_half_turns_keep_the_corners_to_the_bit(theta_deg: float, corners: list[tuple[float, float]]) -> None:
    """The same four as those of the box x, y, x + w, y + h, in another order."""
    x, y, w, h = 0.1, 0.2, 0.1 + 0.2, 0.7
    exact = {0.1: x, 0.2: y, 0.4: x + w, 0.9: y + h}
    expected = [[exact[a], exact[b]] for a, b in corners]
    assert corners_px(np.array([[x, y, w, h, theta_deg]])).tolist() == [expected]


def test_a_positive_angle_turns_clockwise_on_screen() -> None:
    """By 90 degrees the top left corner goes to the top right, about the centre, in pixels."""
    done = _normalized([[100, 20, 40, 10, 90]])
    assert done.columns["keypoints_px"].to_pylist()[0][0] == {"x": 125, "y": 5}
    assert done.hull_px().tolist() == [[115, 5, 10, 40]]


def test_corners_are_those_of_a_rotation_matrix() -> None:
    """Within rounding, at any angle."""
    rng = np.random.default_rng(3)
    boxes = rng.uniform(-720, 720, (500, 5))
    x, y, w, h, theta_deg = boxes.T
    centre, angle = np.stack([x + w / 2, y + h / 2], axis=1), np.radians(theta_deg)
    for k, (across, down) in enumerate([(-1, -1), (1, -1), (1, 1), (-1, 1)]):
        a, b = across * w / 2, down * h / 2
        turned = np.stack([a * np.cos(angle) - b * np.sin(angle), a * np.sin(angle) + b * np.cos(angle)], axis=1)
        assert np.allclose(corners_px(boxes)[:, k], centre + turned, rtol=0, atol=1e-9)


FAULTY = [
    ([0, 0, -1, 5, 0], "invalid_box", "w -1"),
    ([0, 0, 1, 5, float("nan")], "not_finite", "theta nan"),
    ([float("inf"), 0, 1, 5, 0], "not_finite", "x inf"),
    ([1.7e308, 0, 1.7e308, 5, 0], "not_finite", "x 1.7e+308"),
]


@pytest.mark.parametrize(("box", "code", "words"), FAULTY)
def test_boxes_that_are_none_are_faults(box: list[float], code: str, words: str) -> None:
    """With what was found; the row beside them stays."""
    faults = _normalized([[1, 2, 3, 4, 5], box]).faults
    assert (faults.rows.tolist(), faults.codes) == ([1], [code])
    assert words in faults.texts[0]


def test_no_boxes_are_no_rows() -> None:
    """In every column."""
    done = _normalized([])
    assert {len(column) for column in done.columns.values()} == {0}
    assert len(done.area_px2()) == len(done.hull_px()) == 0


def test_a_box_that_serves_a_rotatable_class_has_its_own_corners() -> None:
    """Unrotated ones of what its source gave; rows that were rotatable keep theirs."""
    done = _normalized([[1, 2, 3, 4, 45]])
    turned = {name: [column[0].as_py(), None] for name, column in done.columns.items()}
    plain, exact = {"x": 0.1, "y": 0.2, "w": 0.3, "h": 0.4}, {"x": 20.0, "y": 10.0, "w": 60.0, "h": 20.0}
    content = turned | {
        "shape": ["rotatable_bounding_box", "bounding_box"],
        "bbox": [plain, plain],
        "bbox_px": [exact, exact],
        "bbox_given": [False, True],
    }
    rows = pa.table({name: pa.array(values, FIELDS[name].type) for name, values in content.items()})
    fitted, refused = fit_shapes(rows, pa.array(["rotatable_bounding_box"] * 2))
    assert not refused.any()
    assert fitted["rotated_bbox"].to_pylist() == [turned["rotated_bbox"][0], {**plain, "theta": 0}]
    corners = [{"x": x, "y": y} for x, y in ((20, 10), (80, 10), (80, 30), (20, 30))]
    assert fitted["keypoints_px"].to_pylist() == [turned["keypoints_px"][0], corners]
    assert fitted["shape"].to_pylist() == ["rotatable_bounding_box"] * 2


def _side(rows: np.ndarray, crowd: list[bool] | None = None) -> Any:
    done = _normalized(rows.tolist())
    return side({name: done.columns[name].to_pylist() for name in SHAPE.needs}, [len(rows)], crowd)


def test_pairs_are_shapelys_ious_in_pixels() -> None:
    """In an image four times as wide as high; over a crowd, intersection over the detection's area."""
    rng = np.random.default_rng(1)
    found, truth = (rng.uniform(5, 50, (12, 5)) * [1, 1, 1, 1, 20] for _ in range(2))
    crowd = [k % 3 == 0 for k in range(12)]
    outlines, others = (shapely.polygons(corners_px(rows)) for rows in (found, truth))
    shared = shapely.area(shapely.intersection(outlines[:, None], others))
    area = np.broadcast_to(shapely.area(outlines)[:, None], shared.shape)
    expected = shared / np.where(crowd, area, area + shapely.area(others) - shared)
    pairs = SHAPE.pairs(_side(found), _side(truth, crowd), 0.1, {})
    assert np.allclose(as_matrix(pairs, 12), np.where(expected >= 0.1, expected, 0), rtol=0, atol=1e-9)
    assert (expected >= 0.1).any()


def test_rows_with_a_rotatable_box_are_given() -> None:
    """Others are not."""
    table = pa.table({"rotated_bbox": pa.array([*_boxes([[1, 2, 3, 4, 5]]), None], ROTATED_BOX)})
    assert SHAPE.given(table).tolist() == [True, False]
