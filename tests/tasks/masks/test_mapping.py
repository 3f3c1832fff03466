"""Mappings of classes and pixel values."""

import json
from typing import Any

import pytest

from schemas.errors import InputError
from schemas.records import Inputs
from tasks.masks.mapping import MAPPING, mapping_of, named_classes, pixel_classes
from tests.coco_text import Text


def given(content: Any, name: str = "mapping.json") -> Inputs:
    """A call with a mapping aside."""
    return Inputs([Text(b"", "a.png")], {"mapping": Text(json.dumps(content), name)})


def test_pixel_values_stand_for_classes() -> None:
    """In the order of the file."""
    assert pixel_classes(given({"b": 255, "a": 1})) == {255: "b", 1: "a"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"a": 0}, "'a' has the pixel value 0; allowed are 1 to 255"),
        ({"a": 256}, "'a' has the pixel value 256"),
        ({"a": True}, "'a' has the pixel value True"),
        ({"a": 1.0}, "'a' has the pixel value 1.0"),
        ({"a": "1"}, "'a' has the pixel value '1'"),
        ({"a": 3, "b": 3}, "'a' and 'b' have one pixel value, 3"),
        ({}, "no mapping"),
        ([1], "no mapping"),
    ],
)
def test_a_mapping_that_is_none_is_an_error(content: Any, message: str) -> None:
    """It says which class, what was found, and what is allowed."""
    with pytest.raises(InputError, match=message) as error:
        pixel_classes(given(content))
    assert "mapping.json" in str(error.value)


def test_no_mapping_is_an_error_that_says_where_to_put_one() -> None:
    """Pixel values mean nothing by themselves."""
    with pytest.raises(InputError, match=MAPPING):
        pixel_classes(Inputs([Text(b"", "a.png")]))


def test_the_outermost_mapping_counts_unless_one_is_given() -> None:
    """Of several below a directory."""
    inner, outer, aside = (Text("{}", name) for name in (f"a/{MAPPING}", MAPPING, "other.json"))
    assert mapping_of(Inputs([inner, outer])) is outer
    assert mapping_of(Inputs([inner])) is inner
    assert mapping_of(Inputs([inner, outer], {"mapping": aside})) is aside
    assert mapping_of(Inputs([Text(b"", "a.png")])) is None


def test_names_of_files_speak_of_hashes_or_of_their_names() -> None:
    """Where the mapping has names; where it has pixel values, of hashes alone; without one nothing is known."""
    assert named_classes(given({"h1": "car", "h2": "bus"})) == {"h1": "h1", "car": "h1", "h2": "h2", "bus": "h2"}
    assert named_classes(given({"h1": 1})) == {"h1": "h1"}
    assert named_classes(Inputs([])) is None


def test_a_name_of_two_classes_is_an_error() -> None:
    """Nobody can tell which a file means."""
    with pytest.raises(InputError, match="'car' stands for 'h1' and 'h2'"):
        named_classes(given({"h1": "car", "h2": "car"}))
