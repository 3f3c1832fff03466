"""Polygons with holes: what is left of a shell."""

import numpy as np
import pyarrow as pa
from pycocotools import mask as coco_mask

from schemas.fields import POLYGONS
from schemas.records import Extent
from tasks.shapes.bitmask import packed
from tasks.shapes.polygon import normalize

DONUT = [[(2, 2), (12, 2), (12, 12), (2, 12)], [(4, 4), (8, 4), (8, 10), (4, 10)]]
SQUARE = [[(5, 5), (7, 5), (7, 7), (5, 7)]]


def _column(*rows: list[list[list[tuple[float, float]]]]) -> pa.Array:
    points = [[[[{"x": x, "y": y} for x, y in ring] for ring in polygon] for polygon in row] for row in rows]
    return pa.array(points, POLYGONS)


def _masks(*rows: list[list[list[tuple[float, float]]]]) -> list[np.ndarray]:
    extent = Extent(np.full(len(rows), 20.0), np.full(len(rows), 15.0))
    column = normalize(_column(*rows), extent).columns["mask"]
    masks = packed(column)
    counts = [masks.data[a:b].tobytes() for a, b in zip(masks.offsets[:-1], masks.offsets[1:], strict=True)]
    return [coco_mask.decode({"size": [15, 20], "counts": text}).astype(bool) for text in counts]


def _block(x: int, y: int, x2: int, y2: int) -> np.ndarray:
    mask = np.zeros((15, 20), bool)
    mask[y:y2, x:x2] = True
    return mask


def test_holes_are_left_out() -> None:
    """A pixel in the hole is background, in the row that has the hole alone."""
    whole, donut = _masks([DONUT[:1]], [DONUT])
    assert (whole == _block(2, 2, 12, 12)).all()
    assert (donut == (_block(2, 2, 12, 12) & ~_block(4, 4, 8, 10))).all()


def test_another_polygon_may_lie_in_a_hole() -> None:
    """A hole belongs to its own polygon: what lies in it as a polygon of the same object counts."""
    (both,) = _masks([DONUT, SQUARE])
    assert (both == ((_block(2, 2, 12, 12) & ~_block(4, 4, 8, 10)) | _block(5, 5, 7, 7))).all()


def test_the_area_is_that_of_the_pixels() -> None:
    """Shell without hole, px²."""
    extent = Extent(np.array([20.0]), np.array([15.0]))
    assert normalize(_column([DONUT]), extent).area_px2().tolist() == [100 - 24]
