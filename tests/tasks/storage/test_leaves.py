"""Columns taken apart: levels as in the paper on Dremel, values without nulls."""

import numpy as np
import pyarrow as pa

from tasks.storage.leaves import Levels, bytes_at_most, bytes_up_to, fixed_bytes, leaves_of, shredded
from tasks.storage.level_runs import LevelRuns

WORDS = pa.list_(pa.struct([pa.field("code", pa.string(), nullable=False), pa.field("country", pa.string())]))


def _spread(found: Levels) -> tuple[list[int], list[int]]:
    """(repetition, definition) of each entry."""
    definition, repetition = LevelRuns().levels([(layer,) for layer in found.layers], found.rows)
    assert len(definition) == found.entries
    return repetition.tolist(), definition.tolist()


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
        ((found, values),) = shredded(pa.array([1, 2, 3]), pa.field("n", pa.int64(), nullable=nullable))
        assert len(found.layers) == level
        assert all(layer.there is None for layer in found.layers)
        assert (found.entries, len(values)) == (3, 3)


def test_a_slice_is_taken_apart_like_its_rows() -> None:
    """Offsets into the buffers of a longer column do not show."""
    column = pa.array([[1], None, [2, 3], [], [4]])
    ((found, values),) = shredded(column.slice(1, 3), pa.field("n", column.type))
    assert _spread(found) == ([0, 0, 1, 0], [0, 3, 3, 1])
    assert values.to_pylist() == [2, 3]


def test_bytes_of_rows_are_those_of_all_that_is_nested() -> None:
    """Eight for a number, a text's own length, the sum over lists and structs; also of a slice."""
    column = pa.array([[[1, 2], []], [], [[3]], [[4, 5, 6]]])
    assert bytes_up_to(column, np.arange(5)).tolist() == [0, 16, 16, 24, 48]
    assert np.diff(bytes_up_to(column.slice(2), np.arange(3))).tolist() == [8, 24]
    masks = pa.array([{"size": 1, "counts": b"abc"}, {"size": 2, "counts": b""}])
    assert bytes_up_to(masks, np.arange(3)).tolist() == [0, 11, 19]


def test_types_of_one_size_are_counted_without_looking() -> None:
    """As many bytes as looking would find; what holds lists or texts has to be looked at."""
    box = pa.struct([("x", pa.float64()), ("y", pa.float64())])
    column = pa.array([{"x": 0.0, "y": 1.0}] * 3, box)
    assert np.diff(bytes_up_to(column, np.arange(4))).tolist() == [fixed_bytes(box)] * 3
    assert fixed_bytes(pa.list_(box)) is fixed_bytes(pa.struct([("name", pa.string())])) is None


def test_words_held_as_codes_count_as_the_words_do() -> None:
    """Rows end a row group where they did as text, so that files do not tell how rows were held."""
    words = pa.array([["TP", "ignored"], None, [], ["FP", None], ["TP"]])
    codes = words.cast(pa.list_(pa.dictionary(pa.int32(), pa.string())))
    for column, coded in ((words, codes), (words.slice(1, 3), codes.slice(1, 3))):
        every = np.arange(len(column) + 1)
        assert np.diff(bytes_up_to(coded, every)).tolist() == np.diff(bytes_up_to(column, every)).tolist()


def test_the_most_that_rows_could_hold_is_no_less_than_what_they_do() -> None:
    """Just that much for numbers and texts; of words held as codes, as if each were the longest."""
    columns = (
        pa.array([[[1, 2], []], None, [[3]], [[4, 5, 6]]]),
        pa.array([{"size": 1, "counts": b"abc"}, {"size": 2, "counts": b""}]),
        pa.array(["a", None, "bcd", ""]),
    )
    for column in columns:
        for part in (column, column.slice(1), column.slice(1, 1), column.slice(0, 0)):
            held = bytes_up_to(part)
            assert bytes_at_most(part) == held[-1] - held[0]
    coded = pa.array([["TP"], ["ignored", None], None]).cast(pa.list_(pa.dictionary(pa.int32(), pa.string())))
    assert bytes_at_most(coded) == 3 * len("ignored")
