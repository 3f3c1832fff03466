"""Columns cut into slices: names, order, what rows they hold, and what is refused."""

from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import InputError
from schemas.parameters import ProtocolSettings
from tasks.slices.asked import Asked, all_asked, asked_in, asked_of
from tasks.slices.cut import MOST_VALUES, check_type, cut


def parts(values: list[Any], text: str, kind: pa.DataType | None = None) -> dict[str, list[int]]:
    """Rows by name of slice."""
    return {part.name: part.rows.tolist() for part in cut(pa.array(values, kind), asked_of(text), "data units")}


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("kind", Asked("kind")),
        ("tags.weather?", Asked("tags.weather", nulls=True)),
        ("area:0,1024,9216", Asked("area", edges=(0.0, 1024.0, 9216.0))),
        ("area?:q4", Asked("area", nulls=True, quantiles=4)),
        (" truncated : -0.5 , .5", Asked("truncated", edges=(-0.5, 0.5))),
    ],
)
def test_a_column_is_asked_for_with_edges_quantiles_and_nulls(text: str, asked: Asked) -> None:
    """COLUMN, COLUMN?, COLUMN:EDGES, COLUMN:qN."""
    assert asked_of(text) == asked


@pytest.mark.parametrize(
    "text", ["", "?", ":3", "a:", "a:q1", "a:q101", "a:1,x", "a:2,1", "a:1,1", "a:nan", "a:1,inf", "a=b", "a??"]
)
def test_what_is_no_column_is_refused_with_the_grammar(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(InputError) as error:
        asked_of(text)
    assert (error.value.where, "COLUMN:qN" in str(error.value.hint)) == ("--slice-by", True)


def test_a_column_asked_for_twice_is_one() -> None:
    """By what is meant, not by spaces."""
    assert all_asked(["area:1,2", "area: 1, 2"]) == [Asked("area", edges=(1.0, 2.0))]


def test_tags_without_a_column_to_slice_by_are_refused() -> None:
    """They would be for nothing; without either nothing is asked for."""
    with pytest.raises(InputError, match="tags are there to slice by") as error:
        asked_in(ProtocolSettings.model_validate({"tags": "tags.parquet"}))
    assert (error.value.where, asked_in(ProtocolSettings())) == ("--tags", [])
    settings = ProtocolSettings.model_validate({"tags": "tags.parquet", "slice_by": ["weather"]})
    assert asked_in(settings) == [Asked("weather")]


def test_values_give_slices_in_their_order_with_names_that_are_not_mistaken() -> None:
    """Texts, numbers, true and false; odd texts are quoted."""
    assert parts(["night", "day", "night"], "w") == {"w=day": [1], "w=night": [0, 2]}
    assert parts([2, 10, 2], "occluded") == {"occluded=2": [0, 2], "occluded=10": [1]}
    assert parts([True, False], "t") == {"t=false": [1], "t=true": [0]}
    assert parts([0.5, 1.0], "t") == {"t=0.5": [0], "t=1": [1]}
    assert list(parts(["", "null", " a", "a & b", "a\n", 'a"'], "t")) == [
        't=""', 't=" a"', 't="a\\n"', 't="a & b"', 't="a\\""', 't="null"',
    ]  # fmt: skip
    assert parts(pa.array(["b", "a", "b"]).dictionary_encode(), "d") == {"d=a": [1], "d=b": [0, 2]}


def test_a_unit_is_in_every_slice_of_its_list() -> None:
    """Once, however often a tag is repeated; an empty list is in none."""
    assert parts([["x", "y"], [], ["y", "y"]], "tags") == {"tags=x": [0], "tags=y": [0, 2]}


def test_edges_cut_the_whole_line() -> None:
    """Below the first and from the last on there are slices where something lies there; between edges always."""
    assert parts([0, 1023.9, 1024, 9216], "area:0,1024,9216") == {
        "area=[0,1024)": [0, 1], "area=[1024,9216)": [2], "area>=9216": [3],
    }  # fmt: skip
    assert parts([-1, 7], "v:0,5,6") == {"v<0": [0], "v=[0,5)": [], "v=[5,6)": [], "v>=6": [1]}


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=60), st.integers(2, 9))
def test_quantiles_part_all_values_and_tear_no_equals_apart(values: list[int], count: int) -> None:
    """Every row is in one part; a part's values are all below the next one's; there are no more parts than asked."""
    found = parts(values, f"v:q{count}")
    assert sorted(row for rows in found.values() for row in rows) == list(range(len(values)))
    bounds = [(min(values[row] for row in rows), max(values[row] for row in rows)) for rows in found.values()]
    assert all(high < low for (_, high), (low, _) in pairwise(bounds))
    assert len(found) <= count


def test_parts_of_like_size_are_named_by_where_they_begin() -> None:
    """The last is closed."""
    assert parts([8, 1, 2, 4], "v:q2") == {"v=[1,4)": [1, 2], "v=[4,8]": [0, 3]}
    assert parts([3, 3], "v:q2") == {"v=[3,3]": [0, 1]}
    assert parts([], "v:q2", pa.float64()) == {}


def test_nulls_are_an_error_that_counts_them_or_a_slice_of_their_own() -> None:
    """NaN is null, too; a column of nothing else is all null."""
    with pytest.raises(InputError, match=r"'v' is null on 2 of 3 data units"):
        parts([1.0, None, float("nan")], "v")
    assert parts([1.0, None, float("nan")], "v?") == {"v=1": [0], "v=null": [1, 2]}
    assert parts([None, None], "v?", pa.null()) == {"v=null": [0, 1]}
    assert parts([1, None, 5], "v?:2") == {"v<2": [0], "v>=2": [2], "v=null": [1]}
    with pytest.raises(InputError, match="holds 1 nulls"):
        parts([["a", None]], "v")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (pa.struct([("x", pa.int64())]), "v"),
        (pa.binary(), "v"),
        (pa.timestamp("us"), "v"),
        (pa.list_(pa.list_(pa.string())), "v"),
        (pa.string(), "v:1,2"),
        (pa.bool_(), "v:q2"),
        (pa.list_(pa.int64()), "v:1"),
    ],
)
def test_types_without_values_to_slice_by_are_refused(kind: pa.DataType, text: str) -> None:
    """With what was found and what is needed."""
    with pytest.raises(InputError, match="must hold"):
        check_type(kind, asked_of(text))


def test_too_many_values_are_refused_with_what_helps() -> None:
    """Numbers can be cut, texts grouped."""
    many = list(range(MOST_VALUES + 1))
    for values, hint in ((many, "v:q4"), ([str(value) for value in many], "--tags")):
        with pytest.raises(InputError, match="has 101 values") as error:
            parts(values, "v")
        assert hint in str(error.value.hint)
