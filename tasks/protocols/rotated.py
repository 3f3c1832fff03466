"""COCO's detection protocol on rotatable boxes: the IoU is that of the turned outlines, in pixels, exactly."""

from schemas.coco_rules import DETECTION_RULES, detection_numbers
from schemas.judging import Protocol

PROTOCOL = Protocol(
    name="rotated",
    title="COCO's rules, rotatable boxes",
    shape="rotatable_bounding_box",
    unasked=("rotatable_bounding_box",),
    rules=DETECTION_RULES,
    numbers=detection_numbers,
)
