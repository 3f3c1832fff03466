"""Records of all shapes in one batch."""

from typing import Any

import pytest

from schemas.tables import RECORDS
from tasks.encord.record_columns import Identity, RecordColumns
from tasks.encord.shapes import Geometry, Mask, Points

GEOMETRIES: list[tuple[Geometry, Any]] = [
    (Geometry("bounding_box", "bbox", [0, 0.5, 1, 2]), {"x": 0, "y": 0.5, "w": 1, "h": 2}),
    (
        Geometry("rotatable_bounding_box", "rotated_bbox", [0, 0.5, 1, 2, 30]),
        {"x": 0, "y": 0.5, "w": 1, "h": 2, "theta": 30},
    ),
    (
        Geometry("polygon", "polygons", [[[0, 0, 1, 0, 1, 1], [0, 1, 2, 1, 2, 2, 0, 2]], [[5, 6, 7, 6, 7, 7]]]),
        [
            [
                [{"x": 0, "y": 0}, {"x": 1, "y": 0}, {"x": 1, "y": 1}],
                [{"x": 0, "y": 1}, {"x": 2, "y": 1}, {"x": 2, "y": 2}, {"x": 0, "y": 2}],
            ],
            [[{"x": 5, "y": 6}, {"x": 7, "y": 6}, {"x": 7, "y": 7}]],
        ],
    ),
    (Geometry("polyline", "polyline", [0, 1, 2, 3]), [{"x": 0, "y": 1}, {"x": 2, "y": 3}]),
    (
        Geometry("skeleton", "keypoints", Points([0, 1, 2, 3], [2, 0], ["A", None])),
        [{"x": 0, "y": 1, "visibility": 2, "name": "A"}, {"x": 2, "y": 3, "visibility": 0, "name": None}],
    ),
    (Geometry("bitmask", "mask", Mask(2, 3, b"121O0")), {"height": 2, "width": 3, "counts": b"121O0"}),
]


@pytest.mark.parametrize("times", [1, 3])
def test_every_record_has_its_own_geometry_and_no_other(times: int) -> None:
    """Whatever stands beside it."""
    columns, given = RecordColumns("a.json"), GEOMETRIES * times
    for row, (geometry, _) in enumerate(given):
        columns.add(Identity(row, "unit", row, "class", f"t{row}", 0.5), geometry)
    batch = columns.batch()
    assert batch.schema.equals(RECORDS.schema)
    names = {geometry.column for geometry, _ in GEOMETRIES}
    for row, (geometry, value) in zip(batch.to_pylist(), given, strict=True):
        assert {name: row[name] for name in names if row[name] is not None} == {geometry.column: value}
        assert (row["shape"], row["source_file"], row["source_id"]) == (geometry.shape, "a.json", row["track_id"])


def test_no_records_are_an_empty_batch() -> None:
    """Of the same columns."""
    batch = RecordColumns("a.json").batch()
    assert (len(batch), batch.schema.equals(RECORDS.schema)) == (0, True)
