"""COCO's parameters and the names of its numbers."""

from dataclasses import replace

import numpy as np
from pycocotools.cocoeval import Params

from schemas.coco_rules import (
    DETECTION_RULES,
    KEYPOINT_RULES,
    KEYPOINT_SIGMAS,
    detection_numbers,
    keypoint_numbers,
)
from schemas.records import Rules


def _same(rules: Rules, params: Params) -> None:
    assert np.array_equal(rules.iou_thresholds, params.iouThrs)
    assert np.array_equal(rules.recall_points, params.recThrs)
    assert [list(bounds[1:]) for bounds in rules.area_ranges] == [list(bounds) for bounds in params.areaRng]
    assert [bounds.name for bounds in rules.area_ranges] == params.areaRngLbl
    assert list(rules.max_detections) == params.maxDets


def test_parameters_are_pycocotools_to_the_last_place() -> None:
    """Thresholds, recall points, area ranges, max detections, and the sigmas of keypoints."""
    _same(DETECTION_RULES, Params("bbox"))
    _same(KEYPOINT_RULES, Params("keypoints"))
    assert np.array_equal(KEYPOINT_SIGMAS, Params("keypoints").kpt_oks_sigmas)
    assert dict(KEYPOINT_RULES.options) == {"sigmas": KEYPOINT_SIGMAS}


def test_numbers_are_called_and_ordered_as_coco_prints_them() -> None:
    """Twelve for boxes and masks, ten for keypoints."""
    printed = "AP AP50 AP75 AP_small AP_medium AP_large AR_1 AR_10 AR_100 AR_small AR_medium AR_large"
    assert [number.name for number in detection_numbers(DETECTION_RULES)] == printed.split()
    printed = "AP AP50 AP75 AP_medium AP_large AR_20 AR50 AR75 AR_medium AR_large"
    assert [number.name for number in keypoint_numbers(KEYPOINT_RULES)] == printed.split()


def test_numbers_follow_the_rules() -> None:
    """Recall per max detections, precision at the most of them; both per area range after the first."""
    rules = replace(DETECTION_RULES, max_detections=(5, 300), area_ranges=DETECTION_RULES.area_ranges[:2])
    numbers = {number.name: number for number in detection_numbers(rules)}
    assert list(numbers) == ["AP", "AP50", "AP75", "AP_small", "AR_5", "AR_300", "AR_small"]
    assert {number.max_detections for name, number in numbers.items() if name != "AR_5"} == {300}
    assert (numbers["AP50"].threshold, numbers["AP"].threshold, numbers["AP_small"].area_range) == (0.5, None, "small")
