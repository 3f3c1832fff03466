"""COCO's keypoint protocol on skeletons of any number of points, with one sigma for all of them.

COCO's own sigmas are those of 17 points of people; other skeletons have none that anyone measured.
"""

from dataclasses import replace

from schemas.coco_rules import KEYPOINT_RULES, keypoint_numbers
from schemas.judging import Number, Protocol, Rules
from tasks.protocols.coco_keypoints import ignored
from tasks.shapes.skeleton import uniform_pairs

SIGMA = 0.06
"""About the mean of COCO's 17."""


def numbers(rules: Rules) -> tuple[Number, ...]:
    """COCO's for keypoints, and those of the points themselves."""
    return (*keypoint_numbers(rules), *(Number(name) for name in ("point_error_px", "PCK@0.1", "PCK@0.2")))


PROTOCOL = Protocol(
    name="skeletons",
    engine="skeletons",
    title="COCO's rules, any skeletons",
    shape="skeleton",
    rules=replace(KEYPOINT_RULES, options=(("sigma", (SIGMA,)),)),
    ignored=ignored,
    numbers=numbers,
    truth_columns=("num_keypoints",),
    pairs=uniform_pairs,
    similarity="uniform_oks",
)
