"""Mapping files, turned round."""

from typing import Any

import pytest

from schemas.errors import InputError
from tasks.encord.mappings import read_class_mapping, read_image_mapping
from tests.coco_text import Text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"OTk2MzM3": 1, "Nzg2ODEx": 2}', {"1": "OTk2MzM3", "2": "Nzg2ODEx"}),
        ('{"a+/b": "Cherry"}', {"Cherry": "a+/b"}),
        ('{"a": 1.0, "b": "2"}', {"1": "a", "2": "b"}),
    ],
)
def test_words_of_classes_lead_to_hashes(content: str, words: dict[str, str]) -> None:
    """Category ids, names and pixel values, all as text."""
    assert read_class_mapping(Text(content)) == words


def test_images_go_by_their_ids() -> None:
    """Several images may be one unit."""
    assert read_image_mapping(Text('{"1": "a", "2": "a"}')) == {"1": "a", "2": "a"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"a": 1, "b": "1"}', "'1' stands for two classes, 'a' and 'b'"),
        ("{}", "the file is not a class mapping"),
        ("[]", "the file is not a class mapping"),
        ('{"a": null}', "the value of 'a' is empty"),
        ('{"a": ""}', "the value of 'a' is empty"),
        ('{"a": 1.5}', "the value of 'a' is 1.5"),
        ('{"a": {"x": 1}}', "the value of 'a' is an object"),
        ('{"a": 1, "a": 2}', "an object has the key 'a' twice"),
        ('{"a": NaN}', "a is nan"),
        ('{"a": ', "byte 6"),
    ],
)
def test_what_is_no_mapping_is_refused(content: Any, message: str) -> None:
    """With the file's name."""
    with pytest.raises(InputError) as refused:
        read_class_mapping(Text(content, "mapping.json"))
    assert message in str(refused.value)
    assert "mapping.json" in str(refused.value)
