"""Small JSON files: read to the letter, or refused with the byte."""

from typing import Any

import pytest

from schemas.errors import InputError
from tasks import json_files
from tasks.json_files import read_json
from tests.coco_text import Text


@pytest.mark.parametrize(("content", "value"), [(' {"a": [1, "é"]}\n', {"a": [1, "é"]}), ("[]", []), ("3", 3)])
def test_a_file_is_its_value(content: str, value: Any) -> None:
    """Whatever its kind."""
    assert read_json(Text(content), "a list") == value


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "byte 0: not JSON"),
        (b"\xef\xbb\xbf[]", "byte 0: a byte order mark"),
        (b'["\xff"]', "byte 2: not UTF-8"),
        (b"[1, ", "byte 4: not JSON"),
        (b"[" * 65 + b"]" * 65, "byte 0: brackets nested deeper than 64"),
        (b"[" * 100_000, "byte 0: brackets nested deeper than 64"),
        (b'{"a": 1, "a": 1}', "an object has the key 'a' twice"),
        (b"[NaN]", "[0] is nan"),
        (b"[1e400]", "[0] is inf"),
        (b'["\\u0000"]', "[0] holds a NUL character"),
        (b'["\\ud800"]', "[0] holds half of a surrogate pair"),
    ],
)
def test_a_damaged_file_is_refused(content: bytes, message: str) -> None:
    """With what was found."""
    with pytest.raises(InputError) as refused:
        read_json(Text(content, "small.json"), "a list")
    assert message in str(refused.value)
    assert "small.json" in str(refused.value)


def test_a_large_file_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size alone says so."""
    monkeypatch.setattr(json_files, "LARGEST", 4)
    with pytest.raises(InputError, match="the file has 5 bytes"):
        read_json(Text("[1,2]"), "a list")
