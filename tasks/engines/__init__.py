"""Engines: a file each, and its name in this registry."""

from tasks.engine import Engine
from tasks.registry import Registry

ENGINES: Registry[Engine] = Registry(
    __name__,
    "ENGINE",
    "objects",
    "skeletons",
    "kitti",
    "pixels",
    "disagreement",
    "panoptic",
    "tracks",
    "answers",
)
