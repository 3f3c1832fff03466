"""Row groups end where their rows and bytes say, however the rows came."""

from collections.abc import Iterator
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.tables import GROUND_TRUTH_MATCHES as TABLE
from tasks.storage import rowgroups
from tasks.storage.rowgroups import RowGroups

_MOST_ROWS, _MOST_BYTES = 7, 100
_WORDS = ("TP", "FN", "ignored")


@pytest.fixture(autouse=True, scope="module")
def _small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rowgroups, "ROW_GROUP_ROWS", _MOST_ROWS)
        patch.setattr(rowgroups, "ROW_GROUP_BYTES", _MOST_BYTES)
        yield


def _rows(words: list[list[str] | None]) -> pa.Table:
    n = len(words)
    required = [field for field in TABLE.schema if not field.nullable]
    needed = {f.name: pa.array(["x" if f.type == pa.string() else 0] * n, f.type) for f in required}
    coded = pa.array(words, pa.list_(pa.string())).cast(pa.list_(pa.dictionary(pa.int32(), pa.string())))
    return pa.table({**needed, "outcomes": coded})


def _expected(words: list[list[str] | None]) -> list[int]:
    """Rows of each group, counted one by one by the words in their lists."""
    groups, rows, held = [], 0, 0
    for row in words:
        size = sum(map(len, row or []))
        if rows and (rows == _MOST_ROWS or held + size > _MOST_BYTES):
            groups.append(rows)
            rows = held = 0
        rows, held = rows + 1, held + size
    return groups + [rows] * (rows > 0)


def _pushed(rows: pa.Table, cuts: list[int]) -> list[int]:
    groups = RowGroups(TABLE)
    pieces = [rows.slice(start, stop - start) for start, stop in pairwise([0, *sorted(cuts), len(rows)])]
    full = [group.rows for piece in pieces for group in groups.push(piece)]
    return full + [group.rows for group in groups.rest()]


@given(
    st.lists(st.none() | st.lists(st.sampled_from(_WORDS), max_size=8), min_size=1, max_size=40),
    st.lists(st.integers(0, 40), max_size=5),
)
def test_a_row_group_ends_at_the_same_row_however_rows_are_pushed(
    words: list[list[str] | None], cuts: list[int]
) -> None:
    """Counting the most that rows could hold in place of each row's bytes ends no group elsewhere."""
    rows = _rows(words)
    cuts = [min(cut, len(words)) for cut in cuts]
    assert _pushed(rows, cuts) == _expected(words)


def test_a_row_that_is_larger_than_a_row_group_is_one_by_itself() -> None:
    """It goes nowhere else, and those around it are kept together."""
    words: list[list[str] | None] = [["TP"], ["ignored"] * 20, ["TP"], ["FN"]]
    assert _pushed(_rows(words), []) == [1, 1, 2]
