"""Shapes: a file each, and its name in this registry."""

from schemas.records import Shape
from tasks.registry import Registry

SHAPES: Registry[Shape] = Registry(
    __name__,
    "SHAPE",
    "bounding_box",
    "rotatable_bounding_box",
    "polygon",
    "bitmask",
    "polyline",
    "skeleton",
    "point",
)
