"""KITTI's protocol for boxes in images, in the arithmetic of its C++ development kit (`evaluate_object`, 2017).

Cars need an IoU above .7, pedestrians and cyclists above .5; levels easy, moderate and hard leave out what is low,
hidden or cut off; vans and sitting persons may be taken for cars and pedestrians, and what lies in DontCare counts
nowhere. Average precision over 40 recalls (R40) or 11 (R11). How it is computed: `tasks.kernels.kitti`.
"""

import numpy as np

from schemas.judging import Annotations, AreaRange, Array, Detections, Judged, Matching, Number, Pairs, Protocol, Rules
from tasks.kernels.kitti import NONE, match
from tasks.kitti.levels import EVALUATED, evaluated, every_range, regions, too_hard, too_low
from tasks.kitti.scene import scene_of

_EVERY_SIZE = (0.0, float("inf"))
_NO_MAXIMUM = (1 << 31) - 1
POINTS = ("R40", "R11")

RULES = Rules(
    iou_thresholds=(0.5, 0.7),
    area_ranges=tuple(AreaRange(name, *_EVERY_SIZE) for name in ("moderate", "easy", "hard")),
    max_detections=(_NO_MAXIMUM,),
)
"""The levels stand in place of area ranges; KITTI ranks by the first. Each class is read at its own threshold."""


def _truth_outside(judged: Judged, rules: Rules) -> Array:
    return np.where(evaluated(judged) == NONE, every_range(rules), too_hard(judged, rules))


def _found_outside(judged: Judged, rules: Rules) -> Array:
    return np.where(evaluated(judged) == NONE, every_range(rules), too_low(judged, rules))


def match_all(pairs: Pairs, found: Detections, truth: Annotations, rules: Rules) -> Matching:
    """Who takes whom when every detection takes part, whatever its score.

    An annotation that only a detection too low to count has found is missed.
    """
    scene, near = scene_of(pairs, found, truth, rules)
    matched, true = match(scene, near, len(EVALUATED), len(rules.area_ranges), np.array(rules.iou_thresholds))
    rows = np.flatnonzero((matched != NONE).any(axis=(1, 2)))
    bits = (found.outside[rows, None] >> np.arange(len(rules.area_ranges), dtype=np.uint64)) & np.uint64(1)
    free = (matched[rows] == NONE) & (bits == 0)[:, :, None]
    found_by = np.full((len(truth.category), *matched.shape[1:]), NONE, np.int32)
    d, a, t = np.nonzero(true)
    found_by[matched[d, a, t], a, t] = d
    return Matching(rows, matched[rows], true[rows], true[rows] | free, found_by)


def numbers_of(rules: Rules) -> tuple[Number, ...]:
    """Per number of recalls and level: the mean over the classes, then each class."""
    levels = [bounds.name for bounds in rules.area_ranges]
    subjects = ("", *(f"{name.capitalize()}_" for name in EVALUATED))
    return tuple(
        Number(f"{subject}AP_{points}_{level}", area_range=level)
        for points in POINTS
        for subject in subjects
        for level in levels
    )


PROTOCOL = Protocol(
    name="kitti",
    title="KITTI, boxes in images",
    engine="kitti",
    rules=RULES,
    numbers=numbers_of,
    unasked=("bounding_box",),
    unasked_on=("kitti",),
    shape="bounding_box",
    truth_columns=("truncated", "occluded"),
    crowd=regions,
    truth_outside=_truth_outside,
    found_outside=_found_outside,
    matcher=match_all,
)
