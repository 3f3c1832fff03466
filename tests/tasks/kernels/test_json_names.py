"""Identifiers and their dictionary, against Python's own."""

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.kernels.compile import kernel
from tasks.kernels.json_bytes import padded, pointer
from tasks.kernels.json_names import clear_names, identifier, name_code, names_in_order
from tasks.kernels.json_skip import NOT_CLEAN


@kernel
def _identifier(block: np.ndarray) -> tuple[int, int, int]:
    return identifier(pointer(block), 0)


@kernel
def _codes(block: np.ndarray, texts: np.ndarray, slots: np.ndarray, spans: np.ndarray, codes: np.ndarray) -> None:
    clear_names(pointer(slots), pointer(spans))
    for k in range(len(texts)):
        codes[k] = name_code(pointer(block), texts[k, 0], texts[k, 1], pointer(slots), pointer(spans))


def text_of(token: str) -> str | None:
    """The identifier's text, or None where it is left to Python."""
    start, end, after = _identifier(padded(token.encode() + b",1"))
    assert after in {NOT_CLEAN, len(token.encode())}
    return None if after == NOT_CLEAN else token.encode()[start:end].decode()


@given(
    value=st.integers(-(2**65), 2**65) | st.text() | st.floats(-1e6, 1e6) | st.integers(-(10**17), 10**17).map(float)
)
def test_an_identifier_that_is_taken_is_the_one_python_reads(value: Any) -> None:
    """Whole numbers of 64 bits, with a fraction of zeros or without, and texts without escapes."""
    text = text_of(json.dumps(value, ensure_ascii=False))
    if text is not None:
        assert text == (value if isinstance(value, str) else str(int(value)))
        assert isinstance(value, str) or (value == int(value) and -(2**63) <= value < 2**63)


@pytest.mark.parametrize(
    ("token", "text"),
    [("0", "0"), ("7.000", "7"), ("-5.0", "-5"), ('"007"', "007"), ('""', ""), ('"é"', "é"), ("1" * 19, "1" * 19)],
)
def test_ordinary_identifiers_are_taken(token: str, text: str) -> None:
    """They need no second look."""
    assert text_of(token) == text


@pytest.mark.parametrize(
    "token",
    ["-0", "-0.0", "01", "7.5", "7.", "7e1", "7.0e1", "-", "null", str(2**63), '"a\\n"', '"a', "1234567890123456.0"],
)
def test_unusual_identifiers_are_left_to_python(token: str) -> None:
    """Signed zeros, fractions, exponents, escapes and what is no identifier."""
    assert text_of(token) is None


@given(names=st.lists(st.text(max_size=20) | st.integers(0, 3_000).map(str), max_size=60), times=st.integers(1, 60))
def test_every_text_has_one_code_in_order_of_appearance(names: list[str], times: int) -> None:
    """Also once the dictionary has grown several times."""
    encoded = [f"{name}{k}".encode() for k in range(times) for name in names] + [name.encode() for name in names]
    ends = np.cumsum([0, *map(len, encoded)])
    rows = len(encoded)
    slots, spans = np.empty(max(512, 1 << (2 * rows).bit_length()), np.int32), np.empty((rows + 1, 2), np.int64)
    codes, block = np.empty(rows, np.int64), padded(b"".join(encoded))
    _codes(block, np.stack([ends[:-1], ends[1:]], axis=1), slots, spans, codes)
    known: dict[bytes, int] = {}
    assert codes.tolist() == [known.setdefault(text, len(known)) for text in encoded]
    assert spans[0, 0] == len(known)
    data, offsets = names_in_order(block, spans)
    assert [bytes(data[start:end]) for start, end in pairwise(offsets.tolist())] == list(known)
