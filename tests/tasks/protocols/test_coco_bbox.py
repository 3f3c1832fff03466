"""coco-bbox."""

from schemas.coco_rules import DETECTION_RULES
from tasks.protocols.coco_bbox import PROTOCOL


def test_boxes_are_judged_by_the_rules_of_detection() -> None:
    """Its name is part of every number."""
    assert (PROTOCOL.name, PROTOCOL.shape, PROTOCOL.rules) == ("coco-bbox", "bounding_box", DETECTION_RULES)
    assert len(PROTOCOL.numbers(PROTOCOL.rules)) == 12
