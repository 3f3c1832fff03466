"""Rows sorted by group in stretches, against Arrow's own taking of rows."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.stretches import sorted_by_group

_POINT = pa.struct([("x", pa.float64()), ("label", pa.string())])
_VALUES: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.int32(): st.integers(-9, 9),
    pa.float64(): st.floats(allow_nan=False),
    pa.timestamp("us"): st.datetimes(),
    pa.bool_(): st.booleans(),
    pa.string(): st.text(max_size=5),
    pa.binary(): st.binary(max_size=5),
    pa.null(): st.none(),
}
_VALUES |= {
    _POINT: st.fixed_dictionaries({"x": st.floats(0, 1) | st.none(), "label": st.text(max_size=3) | st.none()}),
    pa.dictionary(pa.int32(), pa.string()): st.sampled_from(["one", "two"]),
}
_VALUES |= {
    pa.list_(pa.int64()): st.lists(st.integers(0, 9) | st.none(), max_size=3),
    pa.list_(pa.list_(_POINT)): st.lists(st.lists(_VALUES[_POINT] | st.none(), max_size=3), max_size=3),
}


@pytest.mark.parametrize("kind", _VALUES, ids=str)
@given(data=st.data())
def test_rows_are_those_that_arrow_takes(kind: pa.DataType, data: st.DataObject) -> None:
    """With nulls and without, in lists and structs, of slices, in long stretches and in short ones."""
    values = data.draw(st.lists(_VALUES[kind] | st.none(), min_size=1, max_size=40))
    if data.draw(st.booleans()):
        values = [value for value in values if value is not None]
    column = pa.array([*values * 3], kind).slice(data.draw(st.integers(0, 3)))
    lengths = data.draw(st.lists(st.integers(1, 30), min_size=1))
    groups = data.draw(st.lists(st.integers(0, 3), min_size=len(lengths), max_size=len(lengths)))
    group = np.resize(np.repeat(np.array(groups, np.uint16), lengths), len(column))
    rows = pa.table({"value": column, "row": np.arange(len(column))})
    found = sorted_by_group(rows, group)
    found.validate(full=True)
    assert found.equals(pc.take(rows, pa.array(np.argsort(group, kind="stable"))))


def test_a_column_that_says_one_thing_is_not_copied() -> None:
    """Wherever its rows go, they say the same."""
    column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(20, np.int32)), pa.array(["word"]))
    found = sorted_by_group(pa.table({"word": column}), np.repeat(np.array([1, 0], np.uint16), 10))
    assert found["word"].chunk(0).indices.buffers()[1].address == column.indices.buffers()[1].address
