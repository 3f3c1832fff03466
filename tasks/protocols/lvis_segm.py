"""LVIS on masks. Source: lvis 0.5.3, `LVISEval(iou_type="segm")`."""

from tasks import lvis
from tasks.shapes.bitmask import SHAPE

PROTOCOL = lvis.protocol("lvis-segm", "LVIS, masks", SHAPE)
