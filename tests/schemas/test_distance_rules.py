"""Limits of distances as thresholds of similarity."""

import pytest

from schemas.distance_rules import distance_numbers, distance_rules, limits_of, threshold_of, with_limits
from tasks.kernels.distances import similarity_of
from tests.tasks.kernels.test_distances import LIMITS


@pytest.mark.parametrize("limits", LIMITS)
def test_a_limit_is_a_threshold_that_its_own_distance_reaches(limits: list[float]) -> None:
    """To the bit as the kernel has it; thresholds ascend, so limits fall."""
    rules = distance_rules(*limits)
    assert rules.iou_thresholds == tuple(sorted(rules.iou_thresholds))
    for limit, threshold in zip(sorted(limits, reverse=True), rules.iou_thresholds, strict=True):
        assert similarity_of(float(limit), limits) == threshold


def test_other_limits_take_the_place_of_the_protocols_own() -> None:
    """Ascending, each once; all else stays."""
    before = distance_rules(1.0, 2.0)
    after = with_limits(before, (8.0, 4.0, 8.0))
    assert limits_of(after) == (4.0, 8.0)
    assert after.iou_thresholds == (0.5, 0.75)
    assert (after.area_ranges, after.max_detections) == (before.area_ranges, before.max_detections)


def test_numbers_are_called_by_limit_and_unit() -> None:
    """AP over all and at each, and what is found at each."""
    rules = distance_rules(2.5, 10.0)
    numbers = {number.name: number for number in distance_numbers("PCK", "px")(rules)}
    assert [*numbers] == ["AP", "AP@2.5px", "AP@10px", "PCK@2.5px", "PCK@10px"]
    assert (numbers["AP"].threshold, numbers["AP"].of) == (None, "precision")
    assert numbers["AP@10px"].threshold == threshold_of(10.0, (2.5, 10.0)) == 0.5
    assert (numbers["PCK@2.5px"].of, numbers["PCK@2.5px"].threshold) == ("recall", rules.iou_thresholds[1])
