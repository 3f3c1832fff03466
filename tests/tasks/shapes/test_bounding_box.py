"""Boxes: relative beside exact, and IoU as pycocotools has it."""

import numpy as np
import pyarrow as pa
from pycocotools import mask as mask_api

from schemas.fields import BOX
from tasks.shapes.bounding_box import SHAPE
from tests.tasks.shapes.sides import as_matrix, extent, side

BOXES = [[10.0, 20.0, 30.0, 5.0], [0.0, 0.0, 0.0, 7.0], [-5.0, 90.0, 300.0, 0.1]]


def _boxes(rows: list[list[float]]) -> list[dict[str, float]]:
    return [dict(zip("xywh", row, strict=True)) for row in rows]


def test_a_box_is_divided_by_width_and_height_and_kept_exactly() -> None:
    """Also where it is empty or lies outside; its area is w h."""
    done = SHAPE.normalize(pa.array(_boxes(BOXES), BOX), extent(200, 50, 3))
    assert done.columns["bbox"][0].as_py() == {"x": 0.05, "y": 0.4, "w": 0.15, "h": 0.1}
    assert done.columns["bbox_px"].to_pylist() == _boxes(BOXES)
    assert done.columns["bbox_given"].to_pylist() == [True] * 3
    assert done.area_px2().tolist() == [w * h for _, _, w, h in BOXES]
    assert done.faults.codes == []


def test_no_boxes_are_no_rows() -> None:
    """In every column."""
    done = SHAPE.normalize(pa.array([], BOX), extent(200, 50, 0))
    assert {len(column) for column in done.columns.values()} == {0}
    assert len(done.area_px2()) == 0


def test_pairs_are_ious_within_a_unit_at_or_above_the_floor() -> None:
    """As pycocotools' iou over boxes, to the bit; over a crowd, intersection over the detection."""
    rng = np.random.default_rng(1)
    found, truth = (rng.integers(0, 60, (12, 4)).astype(float) for _ in range(2))
    crowd = [k % 3 == 0 for k in range(12)]
    sides = [side({"bbox_px": _boxes(rows.tolist())}, [8, 4], flags) for rows, flags in ((found, None), (truth, crowd))]
    expected = np.zeros((12, 12))
    for unit in (slice(0, 8), slice(8, 12)):
        expected[unit, unit] = mask_api.iou(found[unit], truth[unit], crowd[unit])
    expected[expected < 0.1] = 0
    assert np.array_equal(as_matrix(SHAPE.pairs(sides[0], sides[1], 0.1, {}), 12), expected)
    assert expected.any()


def test_hulls_do_not_count_as_given() -> None:
    """Nor does what nobody said."""
    assert SHAPE.given(pa.table({"bbox_given": [True, False, None]})).tolist() == [True, False, False]
