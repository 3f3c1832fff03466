"""coco-segm."""

from schemas.coco_rules import DETECTION_RULES
from tasks.protocols.coco_segm import PROTOCOL


def test_masks_are_judged_by_the_rules_of_detection() -> None:
    """Polygons too, as the masks they were made into."""
    assert (PROTOCOL.name, PROTOCOL.shape, PROTOCOL.rules) == ("coco-segm", "bitmask", DETECTION_RULES)
    assert len(PROTOCOL.numbers(PROTOCOL.rules)) == 12
