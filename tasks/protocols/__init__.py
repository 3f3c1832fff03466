"""Protocols: a file each, and one entry in this tuple."""

from schemas.records import Protocol
from tasks.protocols import (
    coco_bbox,
    coco_boundary,
    coco_keypoints,
    coco_segm,
    coco_segm_vector,
    disagreement,
    dota,
    encord,
    kitti,
    panoptic,
    points,
    points_relative,
    polylines_buffered,
    polylines_chamfer,
    polylines_frechet,
    rotated,
    semantic,
    skeletons,
    voc2007,
    voc2012,
)

PROTOCOLS: tuple[Protocol, ...] = (
    coco_bbox.PROTOCOL,
    coco_segm.PROTOCOL,
    coco_boundary.PROTOCOL,
    coco_segm_vector.PROTOCOL,
    coco_keypoints.PROTOCOL,
    encord.PROTOCOL,
    kitti.PROTOCOL,
    voc2007.PROTOCOL,
    voc2012.PROTOCOL,
    skeletons.PROTOCOL,
    rotated.PROTOCOL,
    dota.PROTOCOL,
    points.PROTOCOL,
    points_relative.PROTOCOL,
    polylines_chamfer.PROTOCOL,
    polylines_frechet.PROTOCOL,
    polylines_buffered.PROTOCOL,
    semantic.PROTOCOL,
    panoptic.PROTOCOL,
    disagreement.PROTOCOL,
)
BY_NAME: dict[str, Protocol] = {protocol.name: protocol for protocol in PROTOCOLS}
