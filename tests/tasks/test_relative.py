"""Relative geometry: pixels of it, and that what came in comes out to the last place."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from schemas.records import Extent
from schemas.tables import RECORDS, UNIT_RECORDS
from tasks.normalize import normalize_records
from tasks.relative import in_pixels
from tasks.units import UnitNames, keyed_units, unit_index

WIDTH, HEIGHT = 641, 479
UNIT = {"source_id": "u", "data_hash": "u", "frame": 0, "kind": "image", "sequence_hash": "u", "source_order": 0}
UNITS = keyed_units(None, pa.Table.from_pylist([{**UNIT, "width": WIDTH, "height": HEIGHT}], UNIT_RECORDS.schema))
RNG = np.random.default_rng(7)


def _points(count: int) -> list[dict[str, float]]:
    return [{"x": float(x), "y": float(y)} for x, y in RNG.random((count, 2))]


GEOMETRY: list[tuple[str, Any]] = [
    ("bbox", {"x": 0.1, "y": 1 / 3, "w": 0.7, "h": 0.123456789}),
    ("bbox", {"x": -0.1, "y": 0.9, "w": 1.7, "h": 0.3}),
    ("rotated_bbox", {"x": 0.1, "y": 1 / 3, "w": 0.7, "h": 0.2, "theta": 33.3}),
    ("polygons", [[_points(5)], [_points(4)]]),
    ("polyline", _points(6)),
    ("keypoints", [{**point, "visibility": 2, "name": None} for point in _points(3)]),
]


def _records(*geometry: tuple[str, Any], coordinates: str = "relative") -> pa.RecordBatch:
    rows = [
        {"source_file": "f", "source_row": k, "source_unit": "u", "source_category": "c", "coordinates": coordinates,
         name: value}
        for k, (name, value) in enumerate(geometry)
    ]  # fmt: skip
    return pa.RecordBatch.from_pylist(rows, schema=RECORDS.schema)


def _normalized(records: pa.RecordBatch, outside: str = "keep") -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    step = normalize_records(records, unit_index(UNITS), UnitNames(UNITS), True, outside)
    return step.table.to_pylist(), step.rejects.to_pylist()


@pytest.mark.parametrize(("name", "value"), GEOMETRY)
def test_relative_geometry_stays_as_it_came(name: str, value: Any) -> None:
    """To the last place, on a unit whose sides no power of two divides."""
    rows, rejects = _normalized(_records((name, value)))
    assert not rejects
    assert rows[0][name] == value


@pytest.mark.parametrize(("name", "value"), GEOMETRY)
def test_the_hull_is_that_of_the_geometry(name: str, value: Any) -> None:
    """In pixels and relative alike, also where width and height differ."""
    (row,), _ = _normalized(_records((name, value)))
    pixels, relative = row["bbox_px"], row["bbox"]
    assert pixels["x"] / WIDTH == pytest.approx(relative["x"], abs=1e-12)
    assert pixels["h"] / HEIGHT == pytest.approx(relative["h"], abs=1e-12)


def test_pixels_are_width_and_height_times_the_shares() -> None:
    """Across by the width, down by the height; an angle stays."""
    column = pa.array([{"x": 0.5, "y": 0.5, "w": 0.25, "h": 0.125, "theta": 90.0}])
    extent = Extent(np.array([200.0]), np.array([80.0]))
    assert in_pixels(column, extent).to_pylist() == [{"x": 100.0, "y": 40.0, "w": 50.0, "h": 10.0, "theta": 90.0}]


@pytest.mark.parametrize("encoded", [False, True])
def test_rows_of_both_coordinates_stand_in_one_block(encoded: bool) -> None:
    """In their order, each read in its own, however the words are encoded."""
    mixed = [_records(GEOMETRY[0]), _records(("bbox", {"x": 1.0, "y": 2.0, "w": 3.0, "h": 4.0}), coordinates="pixel")]
    together = pa.Table.from_batches([*mixed, mixed[0]]).combine_chunks().to_batches()[0]
    if encoded:
        at = together.schema.get_field_index("coordinates")
        together = together.set_column(at, "coordinates", together.column(at).dictionary_encode())
    rows, _ = _normalized(together)
    assert [row["bbox_px"]["x"] for row in rows] == [0.1 * WIDTH, 1.0, 0.1 * WIDTH]


OUTSIDE = ("bbox", {"x": -10.0, "y": 400.0, "w": 100.0, "h": 100.0})


def test_boxes_that_leave_the_image_are_kept_unless_told_otherwise() -> None:
    """As the file has them."""
    (row,), rejects = _normalized(_records(OUTSIDE, coordinates="pixel"))
    assert (row["bbox_px"], rejects) == (OUTSIDE[1], [])


def test_boxes_that_leave_the_image_are_clipped_when_asked() -> None:
    """At the border, their area with them."""
    (row,), _ = _normalized(_records(OUTSIDE, coordinates="pixel"), "clip")
    assert row["bbox_px"] == {"x": 0.0, "y": 400.0, "w": 90.0, "h": 79.0}
    assert row["bbox"]["w"] == 90 / WIDTH
    assert row["area"] == 90 * 79


def test_boxes_that_leave_the_image_are_rejected_when_asked() -> None:
    """Those alone."""
    inside = ("bbox", {"x": 0.0, "y": 0.0, "w": float(WIDTH), "h": float(HEIGHT)})
    rows, rejects = _normalized(_records(OUTSIDE, inside, coordinates="pixel"), "reject")
    assert [row["source_row"] for row in rows] == [1]
    assert [(row["source_row"], row["reason_code"]) for row in rejects] == [(0, "leaves_image")]


def test_records_of_unknown_units_keep_their_coordinates() -> None:
    """They have no size to be divided by; beside rows that have, in one table."""
    known, lost = _records(GEOMETRY[0]).to_pylist()[0], _records(OUTSIDE, coordinates="pixel").to_pylist()[0]
    rows, rejects = _normalized(pa.RecordBatch.from_pylist([known, {**lost, "source_unit": "x"}], RECORDS.schema))
    assert [(row["coordinates"], row["unit_position"]) for row in rows] == [("relative", 0), ("pixel", -1)]
    assert not rejects
