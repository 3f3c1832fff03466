"""The text of a row as values: a key that is there twice is never lost in silence."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import InputError
from tasks.encord.row_json import Row, read_row
from tasks.encord.row_texts import RowText


def read(text: str | bytes, start: int = 0) -> Row:
    """The row that this text is, at byte `start` of `rows.json`."""
    return read_row("rows.json", RowText(start, text.encode() if isinstance(text, str) else text))


TEXTS = st.text(st.sampled_from('abé":\\ {}\u0001'), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=5), st.booleans(), st.sampled_from([None, 1]))
def test_any_object_is_read_as_python_reads_it(value: dict[str, Any], ascii_only: bool, indent: int | None) -> None:
    """With quotes, colons, backslashes and control characters in its keys and texts."""
    assert read(json.dumps(value, ensure_ascii=ascii_only, indent=indent)).value == value


@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4), st.sampled_from(['"', '":', '" :', '"\\t:']), st.data())
def test_a_key_twice_is_found_wherever_it_is(value: dict[str, Any], colon: str, data: st.DataObject) -> None:
    """At any depth, however the colon is written, and whatever texts look like keys."""
    key = data.draw(st.sampled_from(sorted(value)))
    twice = f'{json.dumps(value)[:-1]}, {json.dumps(key)}: {{"x{json.dumps(colon)[1:-1]}": ":y"}}}}'
    with pytest.raises(InputError, match="twice"):
        read('{"a": [{"b": ' + twice + "}]}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'{"a": "\xff"}', "byte 17: not UTF-8: byte 0xff"),
        (b'{"a": 1,}', "byte 1"),
        (b'{"a": tru}', "byte 16: not JSON"),
        (b'{"a": "\x01"}', "byte 17: not JSON: invalid control character"),
        (b'{"a": "\\u0022:", "a": 1}', "byte 10: an object has the key 'a' twice"),
    ],
)
def test_damage_is_told_by_its_byte(text: bytes, message: str) -> None:
    """Counted from the beginning of the file: the row begins at byte 10."""
    with pytest.raises(InputError) as refused:
        read(text, 10)
    assert message in str(refused.value)


def test_rows_without_doubt_are_clean() -> None:
    """What no table can hold is in none of them; others are looked at again, record by record."""
    assert read('{"a": "b\\\\", "c": ":", "d": 1e3}').clean
    for text in ('{"a": NaN}', '{"a": 1e999}', '{"a": "\\u0000"}', '{"a": "\\ud800"}'):
        assert not read(text).clean
    assert math.isnan(read('{"a": NaN}').value["a"])
