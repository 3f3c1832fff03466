"""DOTA: Pascal VOC's rules of 2007 on rotatable boxes, by the exact IoU of their turned outlines.

Source: DOTA_devkit, `dota_evaluation_task1`, but that an IoU of exactly .5 is enough here, as in VOC's own devkit.
"""

from dataclasses import replace

from tasks.protocols.voc2007 import PROTOCOL as VOC2007

PROTOCOL = replace(
    VOC2007,
    name="dota",
    title="DOTA, rotatable boxes",
    shape="rotatable_bounding_box",
    pairs=None,
    similarity="",
)
