"""COCO's rules on polygons by the IoU of their outlines, with holes and several parts, where coco-segm counts pixels.

Rounded to pixels, about one decision in a hundred falls otherwise; numbers of the two are not to be compared.
"""

from schemas.coco_rules import DETECTION_RULES, detection_numbers
from schemas.judging import Protocol
from tasks.shapes.polygon import vector_pairs

PROTOCOL = Protocol(
    name="coco-segm-vector",
    title="COCO, outlines of polygons",
    shape="polygon",
    rules=DETECTION_RULES,
    numbers=detection_numbers,
    pairs=vector_pairs,
    similarity="outline_iou",
)
