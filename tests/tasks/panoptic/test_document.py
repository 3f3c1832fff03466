"""Lists of segments: which file is one, and what its annotations say."""

import json
from typing import Any

import pytest

from schemas.errors import InputError
from schemas.rejects import Reason
from tasks.coco.units import read_categories
from tasks.panoptic.document import Segment, annotation_of, array, chosen, panoptic_parts, segment_of, things
from tasks.refusals import Refused
from tests.coco_text import Text
from tests.tasks.panoptic.scenes import CATEGORIES


def listing(**parts: Any) -> Text:
    """A JSON file of these parts."""
    return Text(json.dumps(parts))


ONE = {"image_id": 1, "file_name": "1.png", "segments_info": [{"id": 1, "category_id": 2}]}


@pytest.mark.parametrize(
    ("source", "panoptic"),
    [
        (listing(annotations=[ONE]), True),
        (listing(annotations=[]), True),
        (listing(annotations=[{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "segmentation": []}]), False),
        (listing(annotations={}), False),
        (listing(images=[]), False),
        (listing(a="segments_info"), False),
        (Text("[1]"), False),
    ],
)
def test_a_list_of_segments_is_told_from_other_files(source: Text, panoptic: bool) -> None:
    """By its annotations."""
    assert (panoptic_parts(source) is not None) is panoptic


def test_only_lists_of_segments_are_chosen() -> None:
    """Of the JSON files; none at all is an error that says what was looked through."""
    found, other = listing(annotations=[ONE]), listing(images=[])
    assert [source for source, _ in chosen([other, found, Text(b"", "a.png")])] == [found]
    with pytest.raises(InputError, match=r"file\.json: no list of segments"):
        chosen([other, Text(b"", "a.png")])


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (7, Reason.NOT_AN_OBJECT),
        ({**ONE, "image_id": None}, Reason.MISSING_FIELD),
        ({**ONE, "image_id": 1.5}, Reason.WRONG_TYPE),
        ({**ONE, "file_name": 1}, Reason.WRONG_TYPE),
        ({**ONE, "segments_info": {}}, Reason.WRONG_TYPE),
        ({**ONE, "file_name": "a\0"}, Reason.WRONG_TYPE),
    ],
)
def test_an_annotation_that_is_none_is_refused(value: Any, code: Reason) -> None:
    """With its reason."""
    with pytest.raises(Refused) as why:
        annotation_of(json.dumps(value).encode())
    assert why.value.code == code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, Reason.NOT_AN_OBJECT),
        ({"category_id": 1}, Reason.MISSING_FIELD),
        ({"id": 1}, Reason.MISSING_FIELD),
        ({"id": 0, "category_id": 1}, Reason.OUT_OF_RANGE),
        ({"id": 2**24, "category_id": 1}, Reason.OUT_OF_RANGE),
        ({"id": 1, "category_id": True}, Reason.WRONG_TYPE),
        ({"id": 1, "category_id": 1, "iscrowd": 2}, Reason.OUT_OF_RANGE),
        ({"id": 1, "category_id": 1, "area": "3"}, Reason.WRONG_TYPE),
        ({"id": 1, "category_id": 1, "score": []}, Reason.WRONG_TYPE),
    ],
)
def test_a_segment_that_is_none_is_refused(value: Any, code: Reason) -> None:
    """Id 0 is void, and no colour has an id of more than 24 bits."""
    with pytest.raises(Refused) as why:
        segment_of(value)
    assert why.value.code == code


def test_a_segment_says_what_it_says() -> None:
    """And nothing of what it leaves out."""
    whole = {"id": 7, "category_id": 9, "area": 3, "iscrowd": 1, "score": 0.5, "bbox": [1, 2, 3, 4]}
    assert segment_of(whole) == Segment(7, "9", 3.0, True, 0.5)
    assert segment_of({"id": 7.0, "category_id": "x"}) == Segment(7, "x", None, None, None)


def test_classes_are_things_or_stuff_where_the_file_says_so() -> None:
    """Null where it does not, or says something else."""
    odd = [*CATEGORIES, {"id": 4, "name": "odd", "isthing": "yes"}, {"id": True, "isthing": 1}]
    source = listing(annotations=[ONE], categories=odd)
    parts = panoptic_parts(source)
    assert parts is not None
    span = array(source, parts, "categories")
    categories, _ = read_categories(source, span)
    assert things(source, span, categories)["is_thing"].to_pylist() == [True, False, None, None]


def test_a_part_that_is_missing_is_an_error() -> None:
    """Or is no list."""
    source = listing(annotations=[ONE], images={})
    parts = panoptic_parts(source)
    assert parts is not None
    for name, message in (("categories", "categories is missing"), ("images", "images is no list")):
        with pytest.raises(InputError, match=message):
            array(source, parts, name)
