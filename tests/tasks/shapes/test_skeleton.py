"""Skeletons: relative points beside exact ones, and OKS as pycocotools has it."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pycocotools.cocoeval import COCOeval

from schemas.coco_rules import KEYPOINT_SIGMAS
from schemas.errors import InputError
from schemas.fields import FIELDS, KEYPOINT
from tasks.shapes.skeleton import SHAPE
from tests.coco_zoo import coco_set
from tests.tasks.shapes.sides import as_matrix, extent, side


def _points(flat: list[float]) -> list[dict[str, Any]]:
    return [
        {"x": x, "y": y, "visibility": int(v), "name": None}
        for x, y, v in zip(flat[::3], flat[1::3], flat[2::3], strict=True)
    ]


def test_points_are_divided_by_width_and_height_and_kept_exactly() -> None:
    """The hull is over all points, labelled or not, as in loadRes; so is the area."""
    rows = [_points([10, 20, 2, 30, 5, 0, 0, 0, 1]), _points([7, 7, 2])]
    done = SHAPE.normalize(pa.array(rows, pa.list_(KEYPOINT)), extent(200, 50, 2))
    assert done.columns["keypoints"].to_pylist()[0][1] == {"x": 0.15, "y": 0.1, "visibility": 0, "name": None}
    assert done.columns["keypoints_px"].to_pylist()[1] == [{"x": 7, "y": 7}]
    assert done.hull_px is not None
    assert np.array_equal(done.hull_px(), [[0, 0, 30, 20], [7, 7, 0, 0]])
    assert done.area_px2().tolist() == [600, 0]


def test_a_skeleton_without_points_is_a_fault() -> None:
    """The row beside it stays."""
    done = SHAPE.normalize(pa.array([[], _points([7, 7, 2])], pa.list_(KEYPOINT)), extent(200, 50, 2))
    assert (done.faults.rows.tolist(), done.faults.codes) == ([0], ["invalid_keypoints"])


def test_a_skeleton_with_a_point_that_is_not_finite_is_a_fault() -> None:
    """As a relative point becomes that is too far away for pixels; the rows beside it stay."""
    rows = [_points([7, 7, 2]), _points([1, 1, 2, np.inf, 7, 2, np.nan, 7, 2]), [], _points([7, 7, 2])]
    done = SHAPE.normalize(pa.array(rows, pa.list_(KEYPOINT)), extent(200, 50, 4))
    assert (done.faults.rows.tolist(), done.faults.codes) == ([2, 1], ["invalid_keypoints", "not_finite"])


def _side(records: list[dict[str, Any]]) -> Any:
    columns: dict[str, list[Any]] = {
        "shape": ["skeleton"] * len(records),
        "keypoints": [_points(record["keypoints"]) for record in records],
        "keypoints_px": [[{k: p[k] for k in "xy"} for p in _points(record["keypoints"])] for record in records],
        "bbox_px": [dict(zip("xywh", record.get("bbox", [0] * 4), strict=True)) for record in records],
        "area": [record.get("area", 1.0) for record in records],
    }
    return side(columns, [len(records)])


@pytest.mark.parametrize("seed", [3, 4, 6])
def test_pairs_are_pycocotools_oks(seed: int) -> None:
    """To the bit, also where no point is visible and distances go to the doubled box."""
    ground_truth, results = coco_set(seed, "keypoints")
    truth, found = ground_truth["annotations"], results[:20]
    evaluation = COCOeval(iouType="keypoints")
    evaluation._gts[0, 0], evaluation._dts[0, 0] = truth, sorted(found, key=lambda result: -result["score"])
    evaluation.params.maxDets, evaluation.params.useCats = [20], 1
    expected = evaluation.computeOks(0, 0)
    pairs = SHAPE.pairs(_side(evaluation._dts[0, 0]), _side(truth), 0.1, {"sigmas": KEYPOINT_SIGMAS})
    assert np.array_equal(as_matrix(pairs, len(truth)), np.where(expected >= 0.1, expected, 0))


def test_another_number_of_points_than_sigmas_is_refused() -> None:
    """With what was found, before anything is computed."""
    rows = _side([{"keypoints": [1, 2, 2] * 14}])
    with pytest.raises(InputError, match="14"):
        SHAPE.pairs(rows, rows, 0.1, {"sigmas": KEYPOINT_SIGMAS})


def test_rows_with_keypoints_are_given() -> None:
    """Single points, and rows without any, are not."""
    rows = {"shape": ["skeleton", "point", "polyline", None], "keypoints": [_points([1, 2, 2])] * 4}
    rows["keypoints"][2] = None
    table = pa.table({name: pa.array(values, FIELDS[name].type) for name, values in rows.items()})
    assert SHAPE.given(table).tolist() == [True, False, False, True]
