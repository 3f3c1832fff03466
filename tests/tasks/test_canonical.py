"""Keys of content: by them ties fall alike whatever the order of the rows."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from schemas.fields import FIELDS
from tasks.canonical import content_keys

BOX = {"x": 1.0, "y": 2.0, "w": 3.0, "h": 4.0}
POINT = {"x": 1.0, "y": 2.0, "visibility": 2, "name": None}
CONTENT: dict[str, list[Any]] = {
    "bbox_px": [BOX, {**BOX, "x": 1.5}, {**BOX, "w": 4.0, "h": 3.0}],
    "bbox_given": [True, False],
    "iscrowd": [True, None],
    "area": [1.0, 1.0000000000000002],
    "num_keypoints": [0, 1],
    "mask": [
        {"height": 4, "width": 6, "counts": b"04"},
        {"height": 6, "width": 4, "counts": b"04"},
        {"height": 4, "width": 6, "counts": b"40"},
        None,
    ],
    "keypoints": [[POINT], [{**POINT, "visibility": 1}], [{**POINT, "x": 2.0}], [POINT, POINT], []],
    "keypoints_px": [[{"x": 1.0, "y": 2.0}], [{"x": 2.0, "y": 1.0}]],
    "shape": ["point", "skeleton", None],
    "rotated_bbox": [{**BOX, "theta": 0.0}, {**BOX, "theta": 5.0}, {**BOX, "x": 3.0, "theta": 0.0}],
    "polyline": [[{"x": 1.0, "y": 2.0}], [{"x": 1.0, "y": 2.0}, {"x": 1.0, "y": 2.0}], []],
    "polygons": [[[[{"x": 1.0, "y": 2.0}]]], [[[{"x": 1.0, "y": 3.0}]]]],
}


@pytest.mark.parametrize("name", CONTENT)
def test_other_content_has_another_key(name: str) -> None:
    """Every column that decides a similarity or an outcome tells rows apart, to the last place."""
    table = pa.table({name: pa.array(CONTENT[name], FIELDS[name].type)})
    assert len(set(content_keys(table, (name,)).tolist())) == len(CONTENT[name])


@pytest.mark.parametrize("name", CONTENT)
def test_equal_content_has_one_key_wherever_it_stands(name: str) -> None:
    """In another row, another chunk, or a slice."""
    values = CONTENT[name]
    table = pa.table({name: pa.array(values, FIELDS[name].type)})
    backwards = pa.table({name: pa.array(["unused", *values[::-1]][1:], FIELDS[name].type)})
    keys = content_keys(table, (name,))
    assert np.array_equal(content_keys(backwards, (name,))[::-1], keys)
    assert np.array_equal(content_keys(pa.concat_tables([table, table]), (name,)), np.tile(keys, 2))
    assert np.array_equal(content_keys(table.slice(1), (name,)), keys[1:])
    assert (keys >= 0).all()


def test_no_rows_have_no_keys() -> None:
    """An empty table is fine in every type."""
    table = pa.table({name: pa.array([], FIELDS[name].type) for name in CONTENT})
    assert content_keys(table, tuple(CONTENT)).tolist() == []
