"""COCO's keypoint protocol. Source: pycocotools 2.0.11, `COCOeval(iouType="keypoints")`."""

import pyarrow as pa

from schemas.coco_rules import KEYPOINT_RULES, keypoint_numbers
from schemas.records import Array, Protocol
from tasks.columns import numbers


def ignored(truth: pa.Table) -> Array:
    """Crowds, and people without a labelled point, do not count."""
    crowd: Array = numbers(truth["iscrowd"], missing=False)
    return crowd | (numbers(truth["num_keypoints"], missing=0) == 0)


PROTOCOL = Protocol(
    name="coco-keypoints",
    title="COCO, keypoints",
    engine="skeletons",
    shape="skeleton",
    unasked=("skeleton",),
    rules=KEYPOINT_RULES,
    ignored=ignored,
    numbers=keypoint_numbers,
    truth_columns=("num_keypoints",),
)
