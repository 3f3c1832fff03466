"""Columns taken apart: levels as in the paper on Dremel, values without nulls."""

import numpy as np
import pyarrow as pa

from tasks.storage.leaves import Levels, bytes_up_to, leaves_of, shredded

WORDS = pa.list_(pa.struct([pa.field("code", pa.string(), nullable=False), pa.field("country", pa.string())]))


def _spread(levels: Levels) -> tuple[list[int], list[int]]:
    both = (levels.repetition, levels.definition)
    repetition, definition = (np.broadcast_to(level, levels.entries).tolist() for level in both)
    return repetition, definition


def test_levels_say_where_values_belong() -> None:
    """A null list, an empty one, a null item, a null field: each is an entry that ends at its own depth."""
    rows = [[{"code": "en", "country": "us"}, {"code": "en", "country": None}], None, [], [None]]
    field = pa.field("words", WORDS)
    code, country = shredded(pa.array(rows, WORDS), field)
    assert _spread(code[0]) == ([0, 1, 0, 0, 0], [3, 3, 0, 1, 2])
    assert _spread(country[0]) == ([0, 1, 0, 0, 0], [4, 3, 0, 1, 2])
    assert (code[1].to_pylist(), country[1].to_pylist()) == (["en", "en"], ["us"])
    depths = [(leaf.path[-1], leaf.max_definition, leaf.max_repetition) for leaf in leaves_of(pa.schema([field]))]
    assert depths == [("code", 3, 1), ("country", 4, 1)]


def test_a_column_without_nulls_or_lists_has_one_level() -> None:
    """Whatever its length: nothing is made for its entries."""
    for nullable, level in ((True, 1), (False, 0)):
        ((levels, values),) = shredded(pa.array([1, 2, 3]), pa.field("n", pa.int64(), nullable=nullable))
        assert (levels.definition, levels.repetition, len(values)) == (level, 0, 3)


def test_a_slice_is_taken_apart_like_its_rows() -> None:
    """Offsets into the buffers of a longer column do not show."""
    column = pa.array([[1], None, [2, 3], [], [4]])
    ((levels, values),) = shredded(column.slice(1, 3), pa.field("n", column.type))
    assert _spread(levels) == ([0, 0, 1, 0], [0, 3, 3, 1])
    assert values.to_pylist() == [2, 3]


def test_bytes_of_rows_are_those_of_all_that_is_nested() -> None:
    """Eight for a number, a text's own length, the sum over lists and structs; also of a slice."""
    column = pa.array([[[1, 2], []], [], [[3]], [[4, 5, 6]]])
    assert bytes_up_to(column, np.arange(5)).tolist() == [0, 16, 16, 24, 48]
    assert np.diff(bytes_up_to(column.slice(2), np.arange(3))).tolist() == [8, 24]
    masks = pa.array([{"size": 1, "counts": b"abc"}, {"size": 2, "counts": b""}])
    assert bytes_up_to(masks, np.arange(3)).tolist() == [0, 11, 19]
