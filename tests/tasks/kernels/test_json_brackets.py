"""Ends of values by strings and brackets, against Python's JSON reader."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.kernels.compile import kernel
from tasks.kernels.json_brackets import DEPTH, IN_STRING, INCOMPLETE, TOO_DEEP, skip_brackets, value_end
from tasks.kernels.json_bytes import padded, pointer
from tasks.kernels.json_skip import MAX_DEPTH

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("a]"), inner))


@kernel
def _end(block: np.ndarray, end: int, state: np.ndarray) -> int:
    return value_end(pointer(block), 0, end, 1, pointer(state))


def end_of(text: bytes) -> int:
    """The end of a value inside one bracket."""
    return _end(padded(text), len(text), np.zeros(2, np.int64))


@given(value=values, indent=st.sampled_from([None, 1]))
def test_what_python_writes_is_passed_to_its_end(value: Any, indent: int | None) -> None:
    """Whatever follows, and also where it is no number to JSON: NaN, Infinity."""
    text = json.dumps(value, indent=indent).encode()
    assert end_of(text + b" ]") == end_of(text + b",1") == len(text)


@pytest.mark.parametrize("text", [b'{"a" 1:}', b"[1}", b"[,]", b"01x", rb'"\q"', b'{"a":tru}'])
def test_what_is_broken_inside_has_an_end_all_the_same(text: bytes) -> None:
    """Strings and brackets alone decide; the rules say what is wrong."""
    assert end_of(text + b",") == len(text)


@pytest.mark.parametrize("text", [b"", b",", b"]", b"}", b" 1", b"\0"])
def test_where_no_value_stands_the_end_is_the_beginning(text: bytes) -> None:
    """Punctuation, white space and the end of the block are no values."""
    assert end_of(text) == 0


def test_too_many_open_brackets_are_said() -> None:
    """Those around the value count."""
    assert end_of(b"[" * (MAX_DEPTH - 1) + b"]" * (MAX_DEPTH - 1)) == 2 * (MAX_DEPTH - 1)
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


@given(value=values, times=st.integers(1, 60), cut=st.sampled_from([31, 64, 100, 1000]))
def test_long_text_is_passed_in_strides(value: Any, times: int, cut: int) -> None:
    """Whatever quotes, backslashes and brackets fall on the edges of 64 bytes, whole or in pieces."""
    text = json.dumps([value, {"": '}]"', "k": ["a" * times]}] * times, ensure_ascii=False).encode()
    assert end_of(text + b",[]") == len(text)
    state, start, after = np.zeros(2, np.int64), 0, 0
    for start in range(0, len(text) + 3, cut):
        piece = (text + b",[]")[start : start + cut]
        after = skip_brackets(padded(piece), 0, len(piece), MAX_DEPTH, state)
        if state[DEPTH] == 0 and state[IN_STRING] == 0:
            break
    assert start + after == len(text)


def test_too_deep_is_said_in_long_text_too() -> None:
    """Also where the brackets come after many bytes without any."""
    text = b"[" + b"1," * 100 + b"[" * MAX_DEPTH
    assert end_of(text) == TOO_DEEP
