"""COCO's detection protocol on masks. Source: pycocotools 2.0.11, `COCOeval(iouType="segm")`."""

from schemas.coco_rules import DETECTION_RULES, detection_numbers
from schemas.judging import Protocol

PROTOCOL = Protocol(
    name="coco-segm",
    title="COCO, masks",
    shape="bitmask",
    unasked=("bitmask",),
    rules=DETECTION_RULES,
    numbers=detection_numbers,
)
