"""What COCO's three protocols share: thresholds, area ranges, recall points, and the names of their numbers."""

import numpy as np

from schemas.records import AreaRange, Number, Rules

IOU_THRESHOLDS: tuple[float, ...] = tuple(np.linspace(0.5, 0.95, 10).tolist())
"""As pycocotools makes them: .5, .55, ... .95 to the last place of `linspace`."""

RECALL_POINTS: tuple[float, ...] = tuple(np.linspace(0.0, 1.0, 101).tolist())
"""Where precision is read: 0, .01, ... 1. Every protocol with 101 points uses these."""

_LARGEST_PX2 = 1e5**2
ALL = AreaRange("all", 0.0, _LARGEST_PX2)
SMALL = AreaRange("small", 0.0, 32.0**2)
MEDIUM = AreaRange("medium", 32.0**2, 96.0**2)
LARGE = AreaRange("large", 96.0**2, _LARGEST_PX2)
"""Bounds are inclusive on both sides: an area of 1024 px² is small and medium."""

DETECTION_RULES = Rules(IOU_THRESHOLDS, (ALL, SMALL, MEDIUM, LARGE), (1, 10, 100), RECALL_POINTS)

_BODY_SIGMAS = (26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89)
KEYPOINT_SIGMAS: tuple[float, ...] = tuple((np.array(_BODY_SIGMAS) / 100.0 / 10.0).tolist())
"""Nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles: how far apart annotators put each point."""

KEYPOINT_RULES = Rules(
    IOU_THRESHOLDS, (ALL, MEDIUM, LARGE), (20,), RECALL_POINTS, options=(("sigmas", KEYPOINT_SIGMAS),)
)


def _at(of: str, name: str, rules: Rules, threshold: float) -> Number:
    return Number(
        f"{name}{round(threshold * 100):d}", of, rules.area_ranges[0].name, threshold, rules.max_detections[-1]
    )


def _over_ranges(of: str, name: str, rules: Rules) -> list[Number]:
    most = rules.max_detections[-1]
    return [Number(f"{name}_{bounds.name}", of, bounds.name, None, most) for bounds in rules.area_ranges[1:]]


def _precisions(rules: Rules) -> list[Number]:
    whole, most = rules.area_ranges[0].name, rules.max_detections[-1]
    means = [Number("AP", "precision", whole, None, most)]
    means += [_at("precision", "AP", rules, threshold) for threshold in (0.5, 0.75)]
    return means + _over_ranges("precision", "AP", rules)


def _recalls(rules: Rules) -> list[Number]:
    whole = rules.area_ranges[0].name
    return [Number(f"AR_{most}", "recall", whole, None, most) for most in rules.max_detections]


def detection_numbers(rules: Rules) -> tuple[Number, ...]:
    """The 12 numbers of bbox and segm: AP, AP50, AP75, AP per area range, AR per max detections, AR per area range."""
    return (*_precisions(rules), *_recalls(rules), *_over_ranges("recall", "AR", rules))


def keypoint_numbers(rules: Rules) -> tuple[Number, ...]:
    """The 10 numbers of keypoints: as for boxes, but AR at single thresholds instead of single detections."""
    single = [_at("recall", "AR", rules, threshold) for threshold in (0.5, 0.75)]
    return (*_precisions(rules), *_recalls(rules), *single, *_over_ranges("recall", "AR", rules))
