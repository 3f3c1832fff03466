"""Arrow columns as arrays and back, over slices, chunks, nulls and empty columns."""

import numpy as np
import pyarrow as pa
import pytest

from tasks.columns import (
    bytes_column,
    bytes_parts,
    concatenate,
    constant,
    dictionary,
    list_parts,
    lookup,
    matrix_struct,
    nullable,
    numbers,
    place,
    struct_matrix,
    without_nulls,
)

POINTS = pa.array([{"x": 1.0, "y": 2.0}, None, {"x": 3.0, "y": None}, {"x": 5.0, "y": 6.0}])


def test_struct_matrix_reads_fields_with_the_nulls_of_their_rows() -> None:
    """A null row and a null field are both NaN; a slice is read from where it begins."""
    nan = np.nan
    expected = np.array([[1, 2], [nan, nan], [3, nan], [5, 6]])
    assert np.array_equal(struct_matrix(POINTS, "xy"), expected, equal_nan=True)
    assert np.array_equal(struct_matrix(POINTS.slice(2), "yx"), expected[2:, ::-1], equal_nan=True)
    assert struct_matrix(POINTS.slice(0, 0), "xy").shape == (0, 2)


@pytest.mark.parametrize("start", [0, 3, 8, 9, 20])
def test_truth_values_are_read_from_where_a_slice_begins(start: int) -> None:
    """Eight of them share a byte; nulls become what is said for them."""
    given = [k % 3 == 0 for k in range(20)]
    assert numbers(pa.array(given).slice(start)).tolist() == given[start:]
    there = pa.array([None if k % 5 == 0 else value for k, value in enumerate(given)])
    assert (
        numbers(there.slice(start), missing=True).tolist()
        == [k % 5 == 0 or value for k, value in enumerate(given)][start:]
    )
    assert numbers(there.is_valid().slice(start)).tolist() == [k % 5 != 0 for k in range(start, 20)]


def test_matrix_struct_is_the_way_back() -> None:
    """Rows marked null have no value, whatever the matrix holds there."""
    matrix = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert np.array_equal(struct_matrix(matrix_struct(matrix, "xy"), "xy"), matrix)
    assert matrix_struct(matrix, "xy", np.array([False, True])).to_pylist() == [{"x": 1.0, "y": 2.0}, None]


@pytest.mark.parametrize(
    ("column", "missing", "expected"),
    [
        (pa.array([1, None, 3]), 7, [1, 7, 3]),
        (pa.array([True, None]), False, [True, False]),
        (pa.chunked_array([[1.5], [None]]), 0, [1.5, 0.0]),
        (pa.array([], pa.int64()), 0, []),
    ],
)
def test_numbers_fill_what_is_missing(column: pa.Array, missing: float, expected: list[float]) -> None:
    """The type stays that of the column."""
    found = numbers(column, missing)
    assert found.tolist() == expected
    assert found.dtype == column.type.to_pandas_dtype()


def test_list_parts_begin_at_the_slice() -> None:
    """Offsets count from 0 in the values of the slice alone."""
    values, offsets = list_parts(pa.array([[9], [1, 2], [], [3]]).slice(1))
    assert (values.to_pylist(), offsets.tolist()) == ([1, 2, 3], [0, 2, 2, 3])


def test_bytes_come_apart_and_together() -> None:
    """Over a slice; a null row has no bytes; no rows have no bytes."""
    data, offsets = bytes_parts(pa.array([b"zz", b"ab", None, b"", b"c"]).slice(1))
    assert (data.tobytes(), offsets.tolist()) == (b"abc", [0, 2, 2, 2, 3])
    assert bytes_column(data, offsets).to_pylist() == [b"ab", b"", b"", b"c"]
    assert [part.tolist() for part in bytes_parts(pa.array([], pa.binary()))] == [[], [0]]


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.float64])
def test_numbers_are_null_where_they_are_not_there(kind: type[np.generic]) -> None:
    """As Arrow makes it of the numbers and a mask; without a mask where all are there, and also of no rows."""
    values = np.arange(11).astype(kind)
    for there in (values % 3 == 0, values >= 0, values < 0):
        column = nullable(values, there)
        column.validate(full=True)
        assert column.equals(pa.array(values, mask=~there))
        assert column.null_count == (~there).sum()
    assert len(nullable(values[:0], values[:0] > 0)) == 0


def test_a_constant_of_many_rows_is_one_of_few() -> None:
    """Rows share memory up to a number of them."""
    for rows in (0, 1, (1 << 20) + 1):
        column = constant("a", rows)
        assert (len(column), column.null_count, column.indices.to_numpy().sum()) == (rows, 0, 0)


def test_a_constant_says_the_same_in_every_row() -> None:
    """None is null in every row."""
    assert constant("a", 3).to_pylist() == ["a"] * 3
    assert constant(None, 2).to_pylist() == [None] * 2
    assert constant("a", 0).to_pylist() == []


def test_lookup_gives_the_place_of_each_text() -> None:
    """Unknown and null texts are missing; encoded columns, chunked columns and slices are the same."""
    column = pa.array(["b", None, "a", "x", "b"])
    expected = [1, -1, 0, -1, 1]
    index = {"a": 0, "b": 1}
    assert lookup(column, index).tolist() == expected
    assert lookup(dictionary(column), index).tolist() == expected
    assert lookup(pa.chunked_array([column[:2], column[2:]]), index).tolist() == expected
    assert lookup(column.slice(2), index, missing=9).tolist() == [0, 9, 1]
    assert lookup(column.slice(0, 0), index).tolist() == []


def test_place_spreads_a_column_over_more_rows() -> None:
    """The other rows are null."""
    assert place(pa.array([7, 8]), np.array([1, 3]), 5).to_pylist() == [None, 7, None, 8, None]
    assert place(pa.array([7]), np.array([0]), 1).to_pylist() == [7]


NESTED = [
    pa.array([[[1], []], [], [[2, 3]], [[4]]]),
    pa.array([{"n": 1, "b": b"xy"}, {"n": None, "b": b""}, {"n": 3, "b": b"z"}, {"n": 4, "b": None}]),
    pa.array(["a", "", "bc", "d"]),
    pa.array([[1], None, [2], []]),
]


@pytest.mark.parametrize("column", NESTED, ids=lambda column: str(column.type))
def test_place_spreads_lists_bytes_and_structs_too(column: pa.Array) -> None:
    """Also of a slice; placed rows are found again, and nothing else."""
    for part in (column, column.slice(1, 2), column.slice(3), column.slice(0, 0)):
        rows = np.arange(len(part)) * 2 + 1
        spread = place(part, rows, 2 * len(part) + 1)
        spread.validate(full=True)
        expected = [None] * (2 * len(part) + 1)
        expected[1::2] = part.to_pylist()
        assert spread.to_pylist() == expected
        assert without_nulls(spread).to_pylist() == [value for value in expected if value is not None]


def test_what_a_null_list_hides_is_left_out() -> None:
    """A null row may have items behind it."""
    hiding = pa.ListArray.from_arrays(pa.array([0, 2, 3]), pa.array([1, 2, 3]), mask=pa.array([True, False]))
    assert without_nulls(hiding).to_pylist() == [[3]]


def test_tables_below_one_another_have_the_columns_asked_for() -> None:
    """In the types asked for; no tables are a table without rows."""
    schema = pa.schema([("a", pa.int64()), ("b", pa.string())])
    parts = [pa.table({"b": ["x"], "a": pa.array([1], pa.int32())}), pa.table({"a": [2], "b": ["y"], "c": [0]})]
    assert concatenate(parts, schema).to_pydict() == {"a": [1, 2], "b": ["x", "y"]}
    assert concatenate([], schema).schema == schema
