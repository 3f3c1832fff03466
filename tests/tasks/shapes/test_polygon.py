"""Polygons: relative vertices beside the mask that pycocotools makes of them."""

from typing import Any

import numpy as np
import pyarrow as pa
from pycocotools import mask as mask_api

from schemas.fields import POLYGONS
from tasks.shapes.polygon import SHAPE
from tests.tasks.shapes.sides import extent

HEIGHT_PX, WIDTH_PX = 40, 60


def _rings(seed: int) -> list[list[float]]:
    rng = np.random.default_rng(seed)
    return [[round(float(v), 2) for v in rng.uniform(0, 40, 2 * corners)] for corners in rng.integers(3, 7, 2)]


def _polygons(rings: list[list[float]]) -> list[list[list[dict[str, float]]]]:
    return [[[{"x": x, "y": y} for x, y in zip(ring[::2], ring[1::2], strict=True)]] for ring in rings]


def _normalized(rows: list[Any]) -> Any:
    return SHAPE.normalize(pa.array(rows, POLYGONS), extent(WIDTH_PX, HEIGHT_PX, len(rows)))


def test_the_mask_is_that_of_pycocotools_byte_for_byte() -> None:
    """The union of a row's rings; area and bytes agree."""
    rings = [_rings(seed) for seed in range(8)]
    done = _normalized([_polygons(row) for row in rings])
    masks = [mask_api.merge(mask_api.frPyObjects(row, HEIGHT_PX, WIDTH_PX)) for row in rings]
    assert [row["counts"] for row in done.columns["mask"].to_pylist()] == [mask["counts"] for mask in masks]
    assert done.area_px2().tolist() == mask_api.area(masks).tolist()


def test_vertices_are_divided_by_width_and_height() -> None:
    """The hull is in pixels, over all rings."""
    done = _normalized([_polygons([[0, 0, 30, 0, 30, 10], [40, 20, 60, 20, 60, 40]])])
    (row,) = done.columns["polygons"].to_pylist()
    assert row[0] == [[{"x": 0, "y": 0}, {"x": 0.5, "y": 0}, {"x": 0.5, "y": 0.25}]]
    assert row[1][0][2] == {"x": 1, "y": 1}
    assert done.hull_px().tolist() == [[0, 0, 60, 40]]


def test_a_polygon_that_cannot_be_drawn_is_a_fault_of_its_row_alone() -> None:
    """A vertex far beyond the unit would make run lengths without end; the rows beside it have their masks."""
    good = _polygons(_rings(1))
    done = _normalized([good, _polygons([[0, 0, 1e12, 0, 1e12, 5]]), good])
    assert (done.faults.rows.tolist(), done.faults.codes) == ([1], ["invalid_polygon"])
    masks = done.columns["mask"].to_pylist()
    assert masks[1] is None
    assert masks[0] == masks[2] == _normalized([good]).columns["mask"].to_pylist()[0]


def test_no_polygons_are_no_rows() -> None:
    """In every column."""
    assert {len(column) for column in _normalized([]).columns.values()} == {0}


def test_rows_with_polygons_are_given() -> None:
    """A mask alone is none."""
    table = pa.table({"polygons": pa.array([_polygons(_rings(1)), None], POLYGONS)})
    assert SHAPE.given(table).tolist() == [True, False]
