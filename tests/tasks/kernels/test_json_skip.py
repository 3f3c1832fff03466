"""The strict skipper against Python's JSON reader."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.kernels.compile import kernel
from tasks.kernels.json_bytes import padded, pointer
from tasks.kernels.json_skip import MAX_DEPTH, MAX_KEYS, NOT_CLEAN, clean_value


@kernel
def _clean(block: np.ndarray, depth: int, keys: np.ndarray) -> int:
    return clean_value(pointer(block), 0, depth, pointer(keys), 0)


def clean(text: str, depth: int = 0) -> int:
    """The end of a value that is clean, or NOT_CLEAN."""
    return _clean(padded(text.encode()), depth, np.empty((MAX_KEYS + MAX_DEPTH, 2), np.int64))


numbers = st.integers(-(10**15), 10**15) | st.floats(-1e6, 1e6).map(lambda value: round(value, 4))
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
scalars = st.none() | st.booleans() | numbers | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcdefgh"), inner, max_size=4)
)


@given(value=values, indent=st.sampled_from([None, 1]), ascii_only=st.booleans())
def test_what_python_writes_is_skipped_to_its_end(value: Any, indent: int | None, ascii_only: bool) -> None:
    """It ends where the value ends, whatever follows, or leaves the value to Python."""
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert clean(text + ",1") in {len(text.encode()), NOT_CLEAN}


@given(text=st.text('[]{}",:\\ \n01-.eEtrufalsn"é', max_size=14))
def test_nothing_is_clean_that_python_refuses(text: str) -> None:
    """A prefix called clean is JSON to Python, too, with every key once."""
    end = clean(text)
    if end != NOT_CLEAN:
        pairs: list[Any] = []
        json.loads(text.encode()[:end], object_pairs_hook=lambda found: pairs.append(found) or {})
        assert all(len(dict(found)) == len(found) for found in pairs)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":2}', '[{"a":{"b":1,"b":1}}]', '{"a\\u0062":1}', '"\\u0000"', '"\\ud800"', '"\\x"', '"a\tb"', "NaN",
        "Infinity", "-", "01", "1.", "1e5", "1e400", "1234567890123456789", "tru", "[1,]", "[,1]", '{"a":1,}', "{1:2}",
        '{"a"}', "[1 2]", "[1}", '{"a":1]', '"open', "[1", '{"a":', "", "\0",
    ],
)  # fmt: skip
def test_the_unusual_and_the_broken_are_not_clean(text: str) -> None:
    """Each of these is left to Python."""
    assert clean(text) == NOT_CLEAN


@pytest.mark.parametrize(
    "text", ['{"a":{"a":1},"b":{"a":2}}', '[{"a":1},{"a":1}]', '"\\u00e9\\n\\/"', "[]", "{}", "-0.0"]
)
def test_the_ordinary_is_clean(text: str) -> None:
    """The same key in different objects is no repetition."""
    assert clean(text) == len(text)


def test_more_keys_than_are_held_are_left_to_python() -> None:
    """A value with more keys at once than there is room for is not called clean."""
    keys = ",".join(f'"k{k}":0' for k in range(MAX_KEYS))
    assert clean(f"{{{keys}}}") > 0
    assert clean(f'{{{keys},"one more":0}}') == NOT_CLEAN


def test_depth_is_counted_over_the_whole_file() -> None:
    """Sixty-four brackets may be open, those around the value included."""
    deep = "[" * 60 + "]" * 60
    assert clean(deep, depth=MAX_DEPTH - 60) == len(deep)
    assert clean(deep, depth=MAX_DEPTH - 59) == NOT_CLEAN
