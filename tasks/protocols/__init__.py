"""Protocols: a file each, and its name in this registry."""

from schemas.records import Protocol
from tasks.registry import Registry

PROTOCOLS: Registry[Protocol] = Registry(
    __name__,
    "PROTOCOL",
    "coco_bbox",
    "coco_segm",
    "coco_boundary",
    "coco_segm_vector",
    "coco_keypoints",
    "encord",
    "kitti",
    "lvis",
    "lvis_segm",
    "openimages",
    "voc2007",
    "voc2012",
    "skeletons",
    "rotated",
    "dota",
    "points",
    "points_relative",
    "polylines_chamfer",
    "polylines_frechet",
    "polylines_buffered",
    "semantic",
    "panoptic",
    "tracks",
    "motchallenge",
    "mot20",
    "disagreement",
    "answers",
)
