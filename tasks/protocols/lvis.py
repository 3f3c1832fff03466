"""LVIS on boxes. Source: lvis 0.5.3, `LVISEval(iou_type="bbox")`."""

from tasks import lvis
from tasks.shapes.bounding_box import SHAPE

PROTOCOL = lvis.protocol("lvis", "LVIS, boxes", SHAPE)
