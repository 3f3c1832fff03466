"""coco-keypoints."""

import pyarrow as pa

from schemas.coco_rules import KEYPOINT_RULES
from tasks.protocols.coco_keypoints import PROTOCOL


def test_crowds_and_people_without_labelled_points_are_ignored() -> None:
    """By the file's count where it has one."""
    truth = pa.table({"iscrowd": [True, False, None, False], "num_keypoints": [3, 0, 5, None]})
    assert PROTOCOL.ignored(truth).tolist() == [True, True, False, True]
    assert PROTOCOL.truth_columns == ("num_keypoints",)


def test_skeletons_are_judged_by_the_rules_of_keypoints() -> None:
    """Without a small area range, and 20 detections at most."""
    assert (PROTOCOL.name, PROTOCOL.shape, PROTOCOL.rules) == ("coco-keypoints", "skeleton", KEYPOINT_RULES)
    assert len(PROTOCOL.numbers(PROTOCOL.rules)) == 10
