"""COCO's rules on masks, by the smaller of mask IoU and boundary IoU: large objects must follow the outline too.

Source: Cheng et al., Boundary IoU, CVPR 2021.
"""

from schemas.coco_rules import DETECTION_RULES, detection_numbers
from schemas.judging import Protocol
from tasks.shapes.bitmask import boundary_pairs

PROTOCOL = Protocol(
    name="coco-boundary",
    title="COCO, mask boundaries",
    shape="bitmask",
    rules=DETECTION_RULES,
    numbers=detection_numbers,
    pairs=boundary_pairs,
    similarity="boundary_iou",
)
