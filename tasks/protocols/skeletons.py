"""COCO's keypoint protocol on skeletons of any number of points, with one sigma for all of them.

COCO's own sigmas are those of 17 points of people; other skeletons have none that anyone measured.
"""

from dataclasses import replace

from schemas.coco_rules import KEYPOINT_RULES, keypoint_numbers
from schemas.judging import Protocol
from tasks.protocols.coco_keypoints import ignored
from tasks.shapes.skeleton import uniform_pairs

SIGMA = 0.06
"""About the mean of COCO's 17."""

PROTOCOL = Protocol(
    name="skeletons",
    title="COCO's rules, any skeletons",
    shape="skeleton",
    rules=replace(KEYPOINT_RULES, options=(("sigma", (SIGMA,)),)),
    ignored=ignored,
    numbers=keypoint_numbers,
    truth_columns=("num_keypoints",),
    pairs=uniform_pairs,
    similarity="uniform_oks",
)
