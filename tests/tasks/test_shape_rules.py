"""Shapes that contradict the ontology: which are converted, under which rule, and which are refused."""

from typing import Any

import pyarrow as pa
import pytest

from schemas.tables import NORMALIZED
from tasks.shape_rules import RULES, fit_shapes

BOX = {"x": 0.1, "y": 0.2, "w": 0.3, "h": 0.4}
RING = [[[{"x": 0.0, "y": 0.0}, {"x": 1.0, "y": 0.0}, {"x": 1.0, "y": 1.0}]]]
MASK = {"height": 1, "width": 1, "counts": b"1"}


def _rows(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([{"bbox": BOX, "bbox_given": False, **row} for row in rows], NORMALIZED.schema)


def _fit(row: dict[str, Any], asked: str | None) -> tuple[dict[str, Any], bool]:
    table, bad = fit_shapes(_rows(row), pa.array([asked], pa.string()))
    return table.to_pylist()[0], bool(bad[0])


@pytest.mark.parametrize("shape", ["bounding_box", "polygon", "polyline", "point", "bitmask", "skeleton"])
def test_the_shape_of_the_class_fits(shape: str) -> None:
    """And so does any where the class names none."""
    assert not _fit({"shape": shape}, shape)[1]
    assert not _fit({"shape": shape}, None)[1]


def test_masks_serve_polygon_classes_and_polygons_mask_classes() -> None:
    """As they are: both are compared by their pixels."""
    assert _fit({"shape": "bitmask", "mask": MASK}, "polygon")[0]["shape"] == "bitmask"
    assert not _fit({"shape": "polygon", "polygons": RING, "mask": MASK}, "bitmask")[1]


def test_a_box_beside_an_outline_serves_a_class_of_boxes() -> None:
    """The outline is dropped; without a box of its own the record is refused."""
    row, bad = _fit({"shape": "polygon", "polygons": RING, "mask": MASK, "bbox_given": True}, "bounding_box")
    assert (bad, row["shape"], row["polygons"], row["mask"]) == (False, "bounding_box", None, None)
    assert _fit({"shape": "polygon", "polygons": RING, "mask": MASK}, "bounding_box")[1]


def test_a_box_serves_a_class_of_rotatable_boxes() -> None:
    """Without rotation."""
    row, bad = _fit({"shape": "bounding_box", "bbox_given": True}, "rotatable_bounding_box")
    assert (bad, row["shape"], row["rotated_bbox"]) == (False, "rotatable_bounding_box", {**BOX, "theta": 0.0})


@pytest.mark.parametrize(
    ("shape", "asked"), [("bounding_box", "polygon"), ("polyline", "polygon"), ("point", "skeleton")]
)
def test_what_no_rule_covers_is_refused(shape: str, asked: str) -> None:
    """A box says nothing of an outline, a line nothing of an area."""
    assert _fit({"shape": shape, "bbox_given": True}, asked)[1]


def test_rules_change_only_the_rows_they_are_for() -> None:
    """Of a block of many."""
    rows = _rows(
        {"shape": "bounding_box", "bbox_given": True},
        {"shape": "polygon", "polygons": RING, "bbox_given": True},
        {"shape": "polygon", "polygons": RING},
    )
    table, bad = fit_shapes(rows, pa.array(["bounding_box", "bounding_box", "polygon"]))
    assert (table["shape"].to_pylist(), bad.tolist()) == (["bounding_box", "bounding_box", "polygon"], [False] * 3)
    assert [row is None for row in table["polygons"].to_pylist()] == [True, True, False]


def test_no_two_rules_are_for_the_same_shapes() -> None:
    """So that their order says nothing."""
    pairs = [(rule.class_shape, rule.record_shape) for rule in RULES]
    assert len(set(pairs)) == len(pairs)
