"""COCO's detection protocol on boxes. Source: pycocotools 2.0.11, `COCOeval(iouType="bbox")`."""

from schemas.coco_rules import DETECTION_RULES, detection_numbers
from schemas.judging import Protocol

PROTOCOL = Protocol(
    name="coco-bbox",
    title="COCO, boxes",
    shape="bounding_box",
    unasked=("bounding_box", "class_mapping"),
    rules=DETECTION_RULES,
    numbers=detection_numbers,
)
