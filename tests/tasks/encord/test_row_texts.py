"""Rows of a file, found by brackets and strings alone."""

import json
import tracemalloc

import pytest

from schemas.errors import InputError
from tasks.encord import row_texts as module
from tasks.encord.row_texts import row_texts
from tests.coco_text import Text

ROWS = [{"a": 1}, {"b": 'x]}{["\\'}, {"c": [[{"d": "}"}], "é"]}, {}]


def texts(content: str | bytes) -> list[str]:
    """The rows as they stand in the file."""
    return [row.text.decode() for row in row_texts(Text(content))]


@pytest.mark.parametrize("window", [1, 2, 3, 7, 64, 1 << 20])
@pytest.mark.parametrize("indent", [None, 1])
def test_rows_of_a_list(window: int, indent: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with the byte it begins at, whatever of the file is in memory at once."""
    monkeypatch.setattr(module, "WINDOW_BYTES", window)
    content = json.dumps(ROWS, indent=indent, ensure_ascii=False).encode()
    rows = list(row_texts(Text(content)))
    assert [json.loads(row.text) for row in rows] == ROWS
    assert all(content[row.start : row.start + len(row.text)] == row.text for row in rows)


@pytest.mark.parametrize("between", ["\n", "", " \r\n\t"])
def test_rows_one_after_another(between: str) -> None:
    """JSON lines; a row by itself is one line."""
    assert texts(between.join(map(json.dumps, ROWS))) == [json.dumps(row) for row in ROWS]
    assert texts('{"a": 1}') == ['{"a": 1}']


@pytest.mark.parametrize("content", ["[]", " [ ]\n"])
def test_an_empty_list_has_no_rows(content: str) -> None:
    """And is no error."""
    assert texts(content) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty"),
        (" \n", "the file is empty"),
        ("\ufeff[]", "byte 0: a byte order mark"),
        ("3", "byte 0: not JSON: begins with '3'"),
        ("[", "byte 1: the file is cut off"),
        ("[3]", "byte 1: '3' where a label row"),
        ('["a"]', "byte 1: '\"' where a label row"),
        ("[{}", "byte 3: the file is cut off"),
        ("[{},", "byte 4: the file is cut off"),
        ("[{},]", "byte 4: ']' where a label row"),
        ("[{} {}]", "byte 4: not JSON: '{' where ',' or ']'"),
        ("[{}] x", "byte 5: not JSON: the list of label rows has ended"),
        ('[{"a": [1, ', "byte 11: the file is cut off inside a label row\n  hint: the row begins at byte 1"),
        ('[{"a": "x', "byte 9: the file is cut off inside a label row"),
        ("{} []", "byte 3: '[' where a label row"),
        ("[" + '{"a":' * 64, "byte 1: brackets nested deeper than 64"),
    ],
)
def test_a_damaged_file_says_where(content: str, message: str) -> None:
    """By the byte."""
    with pytest.raises(InputError) as refused:
        texts(content)
    assert message in str(refused.value)


def test_sixty_four_brackets_are_taken() -> None:
    """The list's own included."""
    assert len(texts("[" + '{"a":' * 63 + "1" + "}" * 63 + "]")) == 1


def test_a_row_may_not_be_larger_than_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text without its closing quote is found out before all of the file is read."""
    monkeypatch.setattr(module, "LARGEST_ROW", 1 << 20)
    monkeypatch.setattr(module, "WINDOW_BYTES", 1 << 16)
    with pytest.raises(InputError, match=r"byte 1: a row of more than 1 MB"):
        texts('[{"a": "' + "x" * (1 << 21))


class _Long(Text):
    """JSON lines, all equal, that are never in memory together."""

    line = b'{"a": "' + b"x" * 1000 + b'"}\n'

    def __init__(self, rows: int) -> None:
        super().__init__(b"")
        self._size = len(self.line) * rows

    @property
    def size(self) -> int:
        return self._size

    def read(self, start: int = 0, stop: int | None = None) -> bytes:
        stop = self._size if stop is None else min(stop, self._size)
        skipped = start % len(self.line)
        lines = self.line * (-(-(stop - start + skipped) // len(self.line)))
        return lines[skipped : skipped + stop - start]


def test_memory_does_not_grow_with_the_file() -> None:
    """64 MB of rows need no more than some windows."""
    tracemalloc.start()
    try:
        assert sum(1 for _ in row_texts(_Long(64_000))) == 64_000
        assert tracemalloc.get_traced_memory()[1] < 8 * module.WINDOW_BYTES
    finally:
        tracemalloc.stop()
