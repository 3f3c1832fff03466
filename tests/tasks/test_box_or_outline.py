"""Similarity over mixed shapes: outlines where both sides have one, boxes elsewhere."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from schemas.fields import BOX, MASK, POLYGONS
from schemas.judging import Pairs, Side
from tasks.box_or_outline import box_or_outline_pairs

SIDE_PX = 10.0
Row = dict[str, Any]


def outline(*points: tuple[float, float], hole: list[tuple[float, float]] | None = None) -> Row:
    """A polygon by its vertices, px, with its hull."""
    rings = [points, hole] if hole else [points]
    shares = [[{"x": x / SIDE_PX, "y": y / SIDE_PX} for x, y in ring] for ring in rings]
    (left, top), (right, bottom) = np.min(points, axis=0), np.max(points, axis=0)
    return {"polygons": [shares], "bbox_px": box(left, top, right - left, bottom - top)["bbox_px"]}


def box(x: float, y: float, w: float, h: float) -> Row:
    """A box."""
    return {"bbox_px": {"x": x, "y": y, "w": w, "h": h}}


COLUMNS_0_AND_1 = {**box(0, 0, 2, 10), "mask": {"height": 10, "width": 10, "counts": b"0d0"}}
"""20 pixels of 100, packed: none of background, 20 of foreground, 80 of background."""


def side(*rows: Row) -> Side:
    """One unit of 10 x 10 px."""
    kinds = {"bbox_px": BOX, "mask": MASK, "polygons": POLYGONS}
    table = pa.table({name: pa.array([row.get(name) for row in rows], kind) for name, kind in kinds.items()})
    size = np.array([SIDE_PX])
    return Side(np.array([0, len(rows)]), table, np.zeros(len(rows), bool), size, size)


def alike(pairs: Pairs) -> dict[tuple[int, int], float]:
    """Similarity by detection and annotation."""
    rows = np.repeat(np.arange(len(pairs.indptr) - 1), np.diff(pairs.indptr))
    return dict(zip(zip(rows.tolist(), pairs.annotation.tolist(), strict=True), pairs.similarity.tolist(), strict=True))


SQUARE = outline((0, 0), (4, 0), (4, 4), (0, 4))
WIDE = outline((0, 0), (9, 0), (9, 4), (0, 4))


def test_outlines_are_compared_with_their_borders() -> None:
    """A square from 0 to 4 is 5 x 5 pixels, one from 0 to 9 is 10 x 5."""
    assert alike(box_or_outline_pairs(side(SQUARE), side(SQUARE, WIDE), 0.1, {})) == {(0, 0): 1.0, (0, 1): 0.5}


def test_holes_and_further_parts_do_not_count() -> None:
    """As in Encord Active, which knows outer rings alone."""
    ring = outline((0, 0), (9, 0), (9, 9), (0, 9), hole=[(2, 2), (7, 2), (7, 7), (2, 7)])
    whole = outline((0, 0), (9, 0), (9, 9), (0, 9))
    two = {**SQUARE, "polygons": SQUARE["polygons"] + whole["polygons"]}
    assert alike(box_or_outline_pairs(side(ring, two), side(whole, SQUARE), 0.5, {})) == {(0, 0): 1.0, (1, 1): 1.0}


def test_a_mask_is_compared_with_an_outline_by_its_own_pixels() -> None:
    """20 pixels of it, 25 of the square, 10 of both."""
    assert alike(box_or_outline_pairs(side(COLUMNS_0_AND_1), side(SQUARE), 0.1, {})) == {
        (0, 0): pytest.approx(10 / 35)
    }  # fmt: skip


def test_boxes_are_compared_with_boxes_and_with_hulls() -> None:
    """Wherever one of the two has no outline."""
    found, truth = side(box(0, 0, 4, 4), SQUARE), side(SQUARE, box(0, 0, 4, 8))
    assert alike(box_or_outline_pairs(found, truth, 0.1, {})) == {(0, 0): 1.0, (0, 1): 0.5, (1, 0): 1.0, (1, 1): 0.5}


def test_vertices_in_pixels_survive_their_shares() -> None:
    """7 / 10 * 10 is 7 again, also where the last place was lost: 29 / 100 * 100 is not."""
    points = ((0, 0), (0.29 * 10, 0), (0.29 * 10, 4), (0, 4))
    assert alike(
        box_or_outline_pairs(side(outline(*points)), side(outline((0, 0), (2, 0), (2, 4), (0, 4))), 0.1, {})
    ) == {(0, 0): 1.0}


def test_pairs_below_the_floor_and_empty_sides_give_nothing() -> None:
    """In boxes and outlines alike."""
    far = outline((8, 8), (9, 8), (9, 9), (8, 9))
    assert alike(box_or_outline_pairs(side(SQUARE, box(0, 0, 1, 1)), side(far), 0.1, {})) == {}
    assert alike(box_or_outline_pairs(side(), side(SQUARE), 0.1, {})) == {}
    assert alike(box_or_outline_pairs(side(SQUARE), side(), 0.1, {})) == {}
