"""Batches of records."""

import pyarrow as pa

from schemas.tables import RECORDS
from tasks.coco.batches import SCHEMA, merged, shifted, strict_batch
from tests.coco_text import blocks

BOX = {"x": 1.0, "y": 2.0, "w": 3.0, "h": 4.0}


def batch(positions: list[int]) -> pa.RecordBatch:
    """Records of which each is named by its position."""
    rows = [{"source_unit": f"u{k}", "source_category": "c", "bbox": BOX, "shape": "bounding_box"} for k in positions]
    return strict_batch(rows, "file.json", positions)


def test_only_repeating_texts_differ_from_the_declared_types() -> None:
    """A dictionary of texts says what texts say."""
    for field, declared in zip(SCHEMA, RECORDS.schema, strict=True):
        assert (field.name, field.nullable) == (declared.name, declared.nullable)
        assert declared.type in (field.type, getattr(field.type, "value_type", None))


def test_batches_are_merged_by_their_rows() -> None:
    """Either may be empty; the dictionaries become one."""
    both = merged(batch([0, 2, 5]), batch([1, 3]))
    assert both.column("source_row").to_pylist() == [0, 1, 2, 3, 5]
    assert both.column("source_unit").to_pylist() == ["u0", "u1", "u2", "u3", "u5"]
    assert both.column("source_category").dictionary.to_pylist() == ["c"]
    assert both.schema.equals(SCHEMA)
    assert merged(batch([]), batch([1])).equals(batch([1]))
    assert merged(batch([1]), batch([])).equals(batch([1]))


def test_rows_are_moved_to_where_the_block_begins() -> None:
    """Nothing else changes."""
    moved = shifted(batch([0, 2]), 100)
    assert moved.column("source_row").to_pylist() == [100, 102]
    assert moved.drop_columns(["source_row"]).equals(batch([0, 2]).drop_columns(["source_row"]))


def test_a_batch_keeps_no_more_memory_than_it_needs() -> None:
    """The scratch is larger by far; what is kept is a copy of what was filled, beside what all batches share."""
    (block,) = blocks(b'[{"image_id":1,"category_id":1,"score":1,"bbox":[1,2,3,4]}]', True)
    assert block.records.select(["source_row", "source_unit", "score", "bbox"]).get_total_buffer_size() < 1_000
    assert block.records.get_total_buffer_size() < 2_000_000
    block.records.validate(full=True)
