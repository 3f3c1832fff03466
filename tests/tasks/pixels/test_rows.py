"""A bucket's masks of a task."""

from typing import Any

import numpy as np
import pyarrow as pa

from schemas.fields import MASK
from tasks.matchable import Bucket
from tasks.pixels.rows import rows_of
from tests.tasks.kernels.flat import packed

BUCKET = Bucket(np.array([4, 2]), np.arange(2), np.array([-1, -1, -1, 1, -1, 0], np.int32), np.ones(2), np.ones(2))
"""Units of the keys 5 and 3, in this order."""


def table(*rows: tuple[int, str | None, bool]) -> pa.Table:
    """Rows of (unit_key, task, whether there is a mask), numbered from 0; row k's mask is k + 1 pixels high."""
    masks: list[Any] = [
        {"height": k + 1, "width": 1, "counts": packed(np.ones((k + 1, 1), bool))} if given else None
        for k, (*_, given) in enumerate(rows)
    ]
    return pa.table(
        {
            "unit_key": pa.array([unit for unit, *_ in rows], pa.int64()),
            "category_key": pa.array(range(len(rows)), pa.int32()),
            "task": pa.array([task for _, task, _ in rows], pa.string()),
            "mask": pa.array(masks, MASK),
        }
    )


def test_rows_stand_unit_by_unit() -> None:
    """In the order of the bucket's units; within one as they were; other units are passed over."""
    found = rows_of(table((3, "a", True), (5, "a", True), (4, "a", True), (3, "a", True)), "a", BUCKET)
    assert found.table["category_key"].to_pylist() == [1, 0, 3]
    assert found.masks.indptr.tolist() == [0, 1, 3]
    assert found.masks.height.tolist() == [2, 1, 4]
    assert found.left_out == 0


def test_rows_of_another_task_are_left_out_and_counted() -> None:
    """And those without a mask; objects have no task."""
    found = rows_of(
        table((3, None, True), (5, "b", True), (5, "a", False), (5, "a", True), (4, "b", True)), "a", BUCKET
    )
    assert found.table["category_key"].to_pylist() == [3]
    assert found.left_out == 3


def test_no_rows_have_no_masks() -> None:
    """But every unit has its place."""
    found = rows_of(table(), "a", BUCKET)
    assert (len(found.table), found.masks.indptr.tolist(), found.left_out) == (0, [0, 0, 0], 0)
