"""The file of the class mapping: a set of pairs, or an error that says where it is none."""

from typing import Any

import pytest

from schemas.errors import InputError
from tasks.openlabel.class_mapping import read_class_mapping
from tests.tasks.openlabel.scenes import Files


def pair(annotated: Any, predicted: Any = None) -> dict[str, Any]:
    """An entry of the list."""
    return {"annotated": annotated} if predicted is None else {"annotated": annotated, "predicted": predicted}


def test_pairs_are_a_set(files: Files) -> None:
    """Many-to-one, one-to-many and no counterpart are pairs; what is said twice is one."""
    listed = [pair("oak", "tree"), pair("birch", "tree"), pair("van", "car"), pair("van", "bus"), pair("hood")]
    mapping = read_class_mapping(files.source({"name": "dev", "classMapping": [*listed, pair("oak", "tree")]}))
    assert mapping.pairs == (("oak", "tree"), ("birch", "tree"), ("van", "car"), ("van", "bus"), ("hood", None))
    assert mapping.annotated == ["oak", "birch", "van", "hood"]
    assert mapping.predicted == ["tree", "car", "bus"]


def test_a_bare_list_is_a_mapping(files: Files) -> None:
    """The list may stand without its envelope."""
    assert read_class_mapping(files.source([pair("oak", "tree")])).pairs == (("oak", "tree"),)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ({}, "pairs"),
        ({"classMapping": []}, "pairs"),
        ({"classMapping": {"oak": "tree"}}, "pairs"),
        ({"classMapping": ["oak"]}, "object"),
        ({"classMapping": [{"predicted": "tree"}]}, "annotated"),
        ({"classMapping": [pair("oak", 7)]}, "predicted"),
        ({"classMapping": [pair("oak", "")]}, "predicted"),
        ({"classMapping": [pair("oak", "tree"), pair("oak")]}, "alone"),
        ({"classMapping": [pair("oak")]}, "counterpart"),
        ("{", "JSON"),
        ('{"classMapping": [], "classMapping": []}', "twice"),
    ],
)
def test_what_is_no_mapping_is_an_error(content: Any, word: str, files: Files) -> None:
    """The error names the file and what is wrong with it."""
    with pytest.raises(InputError, match=word) as raised:
        read_class_mapping(files.source(content, "mapping.json"))
    assert "mapping.json" in str(raised.value)
