"""COCO's rules on polylines, by the IoU of what lies near them: each is a band of 30 px, as lanes of CULane are drawn.

Source of the width: Pan et al., Spatial As Deep, AAAI 2018.
"""

from dataclasses import replace

from schemas.coco_rules import ALL, DETECTION_RULES, detection_numbers
from schemas.judging import Protocol
from tasks.shapes.polyline import buffered_pairs

PROTOCOL = Protocol(
    name="polylines-buffered",
    title="Polylines, IoU of bands",
    shape="polyline",
    rules=replace(DETECTION_RULES, area_ranges=(ALL,), options=(("buffer", (15.0,)),)),
    numbers=detection_numbers,
    pairs=buffered_pairs,
    similarity="buffered_iou",
)
