"""Raster masks: kept to the byte, measured, and compared as pycocotools does."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pycocotools import mask as mask_api

from schemas.fields import MASK
from tasks.shapes.bitmask import SHAPE
from tests.tasks.shapes.sides import as_matrix, extent, side

HEIGHT_PX, WIDTH_PX = 20, 30


def _masks(seed: int, rows: int) -> list[dict[str, Any]]:
    """pycocotools' masks of random boxes and noise."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(rows):
        pixels = np.zeros((HEIGHT_PX, WIDTH_PX), np.uint8, order="F")
        y, x = rng.integers(0, 12, 2)
        pixels[y : y + 9, x : x + 12] = rng.random((9, 12))[: HEIGHT_PX - y] < 0.8
        made.append(mask_api.encode(pixels))
    return made


def _column(masks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"height": m["size"][0], "width": m["size"][1], "counts": m["counts"]} for m in masks]


def test_masks_stay_as_they_are_and_are_measured() -> None:
    """Hull and area are pycocotools' toBbox and area."""
    masks = _masks(1, 6)
    done = SHAPE.normalize(pa.array(_column(masks), MASK), extent(WIDTH_PX, HEIGHT_PX, 6))
    assert done.columns["mask"].to_pylist() == _column(masks)
    assert done.hull_px is not None
    assert np.array_equal(done.hull_px(), mask_api.toBbox(masks))
    assert np.array_equal(done.area_px2(), mask_api.area(masks))
    assert done.faults.codes == []


@pytest.mark.parametrize(
    ("mask", "code", "words"),
    [
        ({"height": 9, "width": 9, "counts": b"Q1O1"}, "invalid_mask", "mask of 9 x 9 pixels: "),
        ({"height": 3, "width": 2, "counts": b"6"}, "mask_size_mismatch", "mask of 2 x 3 pixels; the unit has 30 x 20"),
        ({"height": HEIGHT_PX, "width": WIDTH_PX, "counts": b"#"}, "invalid_mask", "mask of 30 x 20 pixels: "),
        ({"height": HEIGHT_PX, "width": WIDTH_PX, "counts": b""}, "invalid_mask", "mask of 30 x 20 pixels: "),
    ],
)
def test_masks_that_no_reader_may_touch_are_faults(mask: dict[str, Any], code: str, words: str) -> None:
    """Damaged run lengths, or a size other than the unit's; the good row beside them stays."""
    rows = [*_column(_masks(2, 1)), mask]
    faults = SHAPE.normalize(pa.array(rows, MASK), extent(WIDTH_PX, HEIGHT_PX, 2)).faults
    assert (faults.rows.tolist(), faults.codes) == ([1], [code])
    assert faults.texts[0].startswith(words)


def test_pairs_are_pycocotools_ious() -> None:
    """To the bit; over a crowd, intersection over the detection's area."""
    found, truth = _masks(3, 9), _masks(4, 7)
    crowd = [k % 2 == 0 for k in range(7)]
    sides = side({"mask": _column(found)}, [9]), side({"mask": _column(truth)}, [7], crowd)
    expected = mask_api.iou(found, truth, crowd)
    assert np.array_equal(as_matrix(SHAPE.pairs(*sides, 0.1, {}), 7), np.where(expected >= 0.1, expected, 0))


def test_rows_with_a_mask_are_given() -> None:
    """Polygons have one as well."""
    table = pa.table({"mask": pa.array([*_column(_masks(1, 1)), None], MASK)})
    assert SHAPE.given(table).tolist() == [True, False]
