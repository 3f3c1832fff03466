"""JSON to the letter."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rejects import Reason
from tasks.strict_json import Malformed, check_utf8, decode, unfit

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**25), 10**25) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
)


@given(value=values, ascii_only=st.booleans())
def test_what_python_writes_is_read_back(value: Any, ascii_only: bool) -> None:
    """Whole numbers beyond 64 bits come as the nearest float64, everything else as it was."""

    def rounded(value: Any) -> Any:
        if isinstance(value, int) and len(str(value)) > 20:
            return float(value)
        if isinstance(value, list):
            return [rounded(item) for item in value]
        return {key: rounded(item) for key, item in value.items()} if isinstance(value, dict) else value

    text = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert repr(decode(text)) == repr(rounded(value))


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("", 0), ("[1,]", 3), ('{"a":1,}', 7), ('{"é" 1}', 6), ('["é",tru]', 6), ("[1] 2", 4), ("01", 1), ("[1", 2),
        ('["\t"]', 2), ('"\\x"', 1), ("{'a':1}", 1), ('{"a":1,"a":2}', 0), ('[{"b":{"a":1,"a":1}}]', 0), ("+1", 0),
    ],
)  # fmt: skip
def test_what_is_no_json_is_found_at_its_byte(text: str, offset: int) -> None:
    """Bytes are counted, not characters; a key twice is said at the value's beginning."""
    with pytest.raises(Malformed) as malformed:
        decode(text.encode())
    assert malformed.value.offset == offset


def test_bytes_that_are_no_text_are_found_at_their_place() -> None:
    """Overlong, cut and surrogate encodings are no UTF-8."""
    for bad, offset in ((b"ab\xff", 2), ("é".encode() + b"\xc3", 2), (b"\xed\xa0\x80", 0), (b"\xc0\xaf", 0)):
        with pytest.raises(Malformed, match="not UTF-8") as malformed:
            check_utf8(bad)
        assert malformed.value.offset == offset
    check_utf8("é😀".encode())


def test_the_error_names_file_and_byte() -> None:
    """Offsets count from where the text begins in the file."""
    assert (
        str(Malformed("not JSON: so", 5, "try that").at("a.json", 100))
        == "a.json, byte 105: not JSON: so\n  hint: try that"
    )


@pytest.mark.parametrize(
    ("value", "code", "where"),
    [
        ({"a": [1, {"b": math.inf}]}, Reason.NOT_FINITE, "a[1].b is inf"),
        (math.nan, Reason.NOT_FINITE, "the record is nan"),
        ({"a": "x\0"}, Reason.WRONG_TYPE, "a holds a NUL"),
        ({"a": {"\0": 1}}, Reason.WRONG_TYPE, "a key of a holds a NUL"),
        (["\ud800"], Reason.WRONG_TYPE, "[0] holds half of a surrogate pair"),
    ],
)
def test_what_no_table_can_hold_is_named_with_its_place(value: Any, code: Reason, where: str) -> None:
    """However deep it stands."""
    found = unfit(value)
    assert found is not None
    assert found[0] is code
    assert found[1].startswith(where)


def test_ordinary_values_are_fit() -> None:
    """Emoji and empty things are ordinary."""
    assert unfit({"a": [1, 1.5, "😀", None, True, {}], "": []}) is None
