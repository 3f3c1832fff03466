"""Images and categories of COCO ground truth: identity, order, and what is refused."""

import json
import math
from typing import Any

import pytest

from tasks.formats.coco import read_ground_truth
from tasks.running import serial
from tests.coco_text import GROUND_TRUTH, with_part


@pytest.mark.parametrize(
    ("ids", "order"),
    [
        ([10, 9, 0], ["0", "9", "10"]),
        ([10.0, 9], ["9", "10"]),
        (["b", "10", "9"], ["10", "9", "b"]),
        ([10, "9"], ["10", "9"]),
    ],
)
def test_images_are_in_the_order_of_pycocotools(ids: list[Any], order: list[str]) -> None:
    """Numbers ascend by value, texts by character, and a mixture counts as text."""
    images = [{"id": k, "file_name": f"{k}.jpg", "width": 5, "height": 5} for k in ids]
    units = read_ground_truth(with_part(images=images), serial).units
    assert units["source_id"].to_pylist() == order
    numbered = not any(isinstance(k, str) for k in ids)
    assert units["source_order"].to_pylist() == ([int(k) for k in order] if numbered else list(range(len(ids))))


def test_a_file_name_is_the_identity_only_where_it_is_unique() -> None:
    """A name that two images have, or that is another's id, says nothing; the id does."""
    names = ["x.jpg", "x.jpg", "y.jpg", None, "3"]
    images = [{"id": k, "file_name": name, "width": 5, "height": 5} for k, name in enumerate(names)]
    units = read_ground_truth(with_part(images=images), serial).units
    assert units["data_hash"].to_pylist() == ["0", "1", "y.jpg", "3", "4"]
    assert units["sequence_hash"].to_pylist() == units["data_hash"].to_pylist()
    assert units["title"].to_pylist() == names


@pytest.mark.parametrize(
    ("image", "code"),
    [
        ({"id": 1, "width": 5, "height": 5}, "duplicate_id"),
        ({"id": "1", "width": 5, "height": 5}, "duplicate_id"),
        ({"id": 3, "width": 0, "height": 5}, "out_of_range"),
        ({"id": 3, "width": 5}, "missing_field"),
        ({"id": 3, "width": "5", "height": 5}, "wrong_type"),
        ({"id": 3, "width": 5.5, "height": 5}, "wrong_type"),
        ({"id": True, "width": 5, "height": 5}, "wrong_type"),
        ({"id": 1 << 70, "width": 5, "height": 5}, "out_of_range"),
        ({"width": 5, "height": 5}, "missing_field"),
        ({"id": 3, "width": math.nan, "height": 5}, "not_finite"),
        ({"id": 3, "width": 5, "height": 5, "file_name": 7}, "wrong_type"),
        ({"id": 3, "width": 5, "height": 5, "neg_category_ids": [None]}, "wrong_type"),
        ({"id": 3, "width": 5, "height": 5, "neg_category_ids": [9, True]}, "wrong_type"),
        ({"id": 3, "width": 5, "height": 5, "not_exhaustive_category_ids": [None]}, "wrong_type"),
        ({"id": 3, "width": 5, "height": 5, "file_name": "a\0"}, "wrong_type"),
        (None, "not_an_object"),
        ([], "not_an_object"),
    ],
)
def test_a_damaged_image_is_rejected_alone(image: Any, code: str) -> None:
    """The other images stay, and the reject says where the image stood."""
    read = read_ground_truth(with_part(images=[*GROUND_TRUTH["images"], image]), serial)
    assert read.units["source_id"].to_pylist() == ["1", "2"]
    (reject,) = read.rejects.to_pylist()
    assert (reject["reason_code"], reject["source_row"], reject["source_file"]) == (code, 2, "file.json#/images")
    assert json.loads(reject["record"]) == image or code == "not_finite"


def test_a_damaged_category_is_rejected_alone() -> None:
    """Categories are checked as images are."""
    broken = [
        {"id": 9, "name": "again"},
        {"name": "no id"},
        {"id": 3, "name": 4},
        {"id": 4, "name": "x", "keypoints": [1]},
    ]
    read = read_ground_truth(with_part(categories=GROUND_TRUTH["categories"] + broken), serial)
    assert read.categories["name"].to_pylist() == ["cat", "dog"]
    codes = ["duplicate_id", "missing_field", "wrong_type", "wrong_type"]
    assert read.rejects["reason_code"].to_pylist() == codes
