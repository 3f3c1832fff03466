"""The engine of skeletons: objects, and the errors of their points."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.chain import Chain, truth_of
from tests.coco_zoo import coco_set


def _expected(chain: Chain) -> dict[tuple[int, int], tuple[int, float]]:
    """(prediction key, distance) by annotation key and point, from the stored geometry and matches alone."""
    found = {row["prediction_key"]: row for row in chain.rows("predictions")}
    known = {row["annotation_key"]: row for row in chain.rows("ground_truth")}
    errors = {}
    for row in chain.rows("matches"):
        if row["outcomes"] is None or row["outcomes"][0] != "TP":
            continue
        truth, prediction = known[row["annotation_keys"][0]], found[row["prediction_key"]]
        pairs = zip(prediction["keypoints_px"], truth["keypoints_px"], truth["keypoints"], strict=True)
        for k, (one, other, labelled) in enumerate(pairs):
            if labelled["visibility"] > 0:
                apart = float(np.hypot(one["x"] - other["x"], one["y"] - other["y"]))
                errors[truth["annotation_key"], k] = (row["prediction_key"], apart)
    return errors


@pytest.mark.parametrize("seed", [3, 4, 6, 14, 15])
def test_errors_are_those_of_the_points_of_true_positives(tmp_path: Path, seed: int) -> None:
    """At the lowest threshold over all areas; points nobody labelled are left out, and so are other matches."""
    chain = Chain(tmp_path).chain(*coco_set(seed, "keypoints"), "coco-keypoints")
    expected = _expected(chain)
    rows = chain.rows("point_errors")
    found = {(row["annotation_key"], row["point"]): (row["prediction_key"], row["error_px"]) for row in rows}
    assert found == expected
    assert len(rows) == len(expected)
    assert bool(rows) == (seed not in {14, 15})


def _pair(points: list[float], found: list[float], **more: Any) -> tuple[Any, Any]:
    record = {"image_id": 1, "category_id": 1}
    truth = truth_of({**record, "keypoints": points, "num_keypoints": 2, "area": 400, "bbox": [0, 0, 20, 10], **more})
    truth["categories"][0]["keypoints"] = ["left", "right"]
    return truth, [{**record, "keypoints": found, "score": 0.5}]


def test_an_error_is_relative_to_the_longer_side_of_the_box(tmp_path: Path) -> None:
    """And its point has the name that the class gives it; what is not labelled has none."""
    pair = _pair([1, 1, 2, 20, 10, 0], [4, 5, 2, 9, 9, 2])
    chain = Chain(tmp_path).chain(*pair, "skeletons", iou_thresholds=[0.01])
    (row,) = chain.rows("point_errors")
    assert (row["point"], row["point_name"], row["error_px"], row["relative_error"]) == (0, "left", 5.0, 0.25)


def test_a_box_without_a_side_has_no_relative_error(tmp_path: Path) -> None:
    """A null, not a division."""
    pair = _pair([1, 1, 2, 1, 1, 2], [1, 1, 2, 1, 1, 2], bbox=[1, 1, 0, 0])
    chain = Chain(tmp_path).chain(*pair, "skeletons")
    assert [row["relative_error"] for row in chain.rows("point_errors")] == [None, None]
    values = {row["metric"]: row for row in chain.rows("metrics") if row["category"] is None}
    assert (values["point_error_px"]["value"], values["PCK@0.1"]["value"]) == (0, None)
    assert "no box" in values["PCK@0.1"]["null_reason"]
