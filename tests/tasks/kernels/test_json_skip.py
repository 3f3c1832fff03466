"""The compiled skippers against Python's JSON reader."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.kernels.compile import kernel
from tasks.kernels.json_brackets import DEPTH, IN_STRING, INCOMPLETE, TOO_DEEP, skip_brackets, value_end
from tasks.kernels.json_bytes import padded, pointer
from tasks.kernels.json_skip import MAX_DEPTH, MAX_KEYS, NOT_CLEAN, clean_value


@kernel
def _clean(block: np.ndarray, depth: int, keys: np.ndarray) -> int:
    return clean_value(pointer(block), 0, depth, pointer(keys), 0)


@kernel
def _end(block: np.ndarray, end: int, state: np.ndarray) -> int:
    return value_end(pointer(block), 0, end, 1, pointer(state))


def clean(text: str, depth: int = 0) -> int:
    """The end of a value that is clean, or NOT_CLEAN."""
    return _clean(padded(text.encode()), depth, np.empty((MAX_KEYS + MAX_DEPTH, 2), np.int64))


def end_of(text: bytes) -> int:
    """The end of a value by its strings and brackets."""
    return _end(padded(text), len(text), np.zeros(2, np.int64))


numbers = st.integers(-(10**15), 10**15) | st.floats(-1e6, 1e6).map(lambda value: round(value, 4))
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
scalars = st.none() | st.booleans() | numbers | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcdefgh"), inner, max_size=4)
)


@given(value=values, indent=st.sampled_from([None, 1]), ascii_only=st.booleans())
def test_what_python_writes_is_skipped_to_its_end(value: Any, indent: int | None, ascii_only: bool) -> None:
    """Both skippers end where the value ends, whatever follows; the strict one may leave it to Python."""
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert clean(text + ",1") in {len(text.encode()), NOT_CLEAN}
    assert end_of(text.encode() + b" ]") == len(text.encode())


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
    assert end_of(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) == TOO_DEEP


@pytest.mark.parametrize("text", [b"[1,2", b'{"a":"]', b'"abc', b'"abc\\', b'["\\"]', b"[[1]"])
def test_a_value_without_its_end_is_incomplete(text: bytes) -> None:
    """The end of the block is not the end of a value that is still open."""
    assert end_of(text) == INCOMPLETE


@given(value=values, cut=st.integers(1, 40))
def test_brackets_are_balanced_over_any_cut(value: Any, cut: int) -> None:
    """Text in pieces of any size gives the end that it gives whole."""
    text = json.dumps([value, "\\", '"'], ensure_ascii=False).encode()
    state = np.zeros(2, np.int64)
    for start in range(0, len(text) + 3, cut):
        piece = (text + b",[]")[start : start + cut]
        after = skip_brackets(padded(piece), 0, len(piece), MAX_DEPTH, state)
        if state[DEPTH] == 0 and state[IN_STRING] == 0:
            break
    assert start + after == len(text)
