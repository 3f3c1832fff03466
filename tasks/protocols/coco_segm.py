"""COCO's detection protocol on masks. Source: pycocotools 2.0.11, `COCOeval(iouType="segm")`."""

from schemas.coco_rules import DETECTION_RULES, detection_numbers
from schemas.records import Protocol
from tasks.protocols.coco_bbox import ignored

PROTOCOL = Protocol(
    name="coco-segm",
    title="COCO, masks",
    shape="bitmask",
    rules=DETECTION_RULES,
    ignored=ignored,
    numbers=detection_numbers,
)
