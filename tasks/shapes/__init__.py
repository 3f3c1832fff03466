"""Shapes: a file each, and one entry in this tuple."""

from schemas.records import Shape
from tasks.shapes import bitmask, bounding_box, point, polygon, polyline, rotatable_bounding_box, skeleton

SHAPES: tuple[Shape, ...] = (
    bounding_box.SHAPE,
    rotatable_bounding_box.SHAPE,
    polygon.SHAPE,
    bitmask.SHAPE,
    polyline.SHAPE,
    skeleton.SHAPE,
    point.SHAPE,
)
BY_NAME: dict[str, Shape] = {shape.name: shape for shape in SHAPES}
