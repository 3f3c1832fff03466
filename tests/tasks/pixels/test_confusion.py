"""Pairs of classes and their pixels."""

import numpy as np
import pyarrow as pa

from tasks.pixels.confusion import Confusion, summed, unit_confusion


def confusion(*rows: tuple[int, int, int]) -> Confusion:
    """Rows of (annotated, predicted, pixels)."""
    return Confusion(*np.array(rows, np.int64).reshape(-1, 3).T)


def test_pairs_are_added_up() -> None:
    """Each is there once, by annotated and predicted key."""
    found = summed(confusion((2, 1, 5), (-1, 3, 1), (2, 1, 7), (2, -1, 2)))
    assert [column.tolist() for column in found] == [[-1, 2, 2], [3, -1, 1], [1, 2, 12]]
    assert [column.tolist() for column in summed(confusion())] == [[], [], []]


def test_some_pairs_may_be_taken() -> None:
    """By flags."""
    kept = confusion((1, 1, 5), (2, 2, 6)).only(np.array([False, True]))
    assert [column.tolist() for column in kept] == [[2], [2], [6]]


def test_rows_are_read_back() -> None:
    """As 64-bit numbers."""
    columns = {"annotated": pa.array([-1], pa.int32()), "predicted": pa.array([3], pa.int32())}
    found = unit_confusion(pa.table({"unit_key": [9], **columns, "n_pixels": [4]}))
    assert [column.tolist() for column in (found.unit_key, *found.confusion)] == [[9], [-1], [3], [4]]
    assert {column.dtype for column in found.confusion} == {np.dtype(np.int64)}
