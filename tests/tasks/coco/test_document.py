"""The outline of a file."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import InputError
from tasks.coco.document import elements, opening, outline, value_span
from tests.coco_text import Text

scalars = st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner), max_leaves=12)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)


@given(content=st.dictionaries(names, values, max_size=5), indent=st.sampled_from([None, 2]), ascii_only=st.booleans())
def test_every_key_is_found_with_its_value(content: dict[str, Any], indent: int | None, ascii_only: bool) -> None:
    """Whatever the values hold, and however the file is laid out."""
    text = "\n" + json.dumps(content, indent=indent, ensure_ascii=ascii_only) + "\n "
    source = Text(text)
    parts = outline(source, opening(source)[0])
    assert {name: json.loads(source.read(*span)) for name, span in parts.items()} == content


@given(listed=st.lists(values, max_size=6), indent=st.sampled_from([None, 2]))
def test_every_element_is_found(listed: list[Any], indent: int | None) -> None:
    """Elements are cut out as they stand."""
    source = Text("  " + json.dumps(listed, indent=indent))
    found = elements(source, value_span(source, 0))
    assert [json.loads(found.one(row)) for row in range(len(found.spans))] == listed


@pytest.mark.parametrize("text", ['{"a":1', '{"a":', '{"a"', '{"a', "{", '{"a":1,', '{"a":[1,2', '{"a":"b'])
def test_a_file_that_ends_too_early_is_refused(text: str) -> None:
    """Wherever it ends."""
    with pytest.raises(InputError, match=r"cut off|closing quote"):
        outline(Text(text), 0)


@pytest.mark.parametrize("text", ['{"a":1,}', '{"a" 1}', "{1:2}", '{"a":1 "b":2}', '{"a":1}}', "{,}"])
def test_a_file_with_broken_punctuation_is_refused(text: str) -> None:
    """The byte is named."""
    with pytest.raises(InputError, match=r"byte \d+: not JSON"):
        outline(Text(text), 0)


def test_a_long_value_is_passed_over_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces may end anywhere: in texts, after backslashes, between brackets."""
    monkeypatch.setattr("tasks.coco.document._CHUNK_BYTES", 7)
    content = {"a": [['\\"]', {"b": "x" * 30}], "\\"], "c": 1}
    source = Text(json.dumps(content))
    assert [json.loads(source.read(*span)) for span in outline(source, 0).values()] == list(content.values())


@pytest.mark.parametrize(("text", "byte"), [("[}", 1), ("[ }", 2), ('[{"id": 1}}', 10), ("[1, [2}, 3]", 6)])
def test_a_list_that_ends_with_a_brace_is_refused(text: str, byte: int) -> None:
    """At the brace, where it stands for the bracket."""
    source = Text(text)
    with pytest.raises(InputError, match=f"byte {byte}: not JSON"):
        elements(source, value_span(source, 0))
