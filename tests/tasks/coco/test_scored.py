"""Files like ground truth whose annotations have scores."""

import json
from typing import Any

import pytest

from schemas.errors import InputError
from tasks.coco.scored import scored_labels
from tests.coco_text import Text

PARTS: dict[str, Any] = {
    "images": [{"id": 1, "file_name": "a.png", "width": 4, "height": 3}, {"id": 2, "width": 4, "height": 3}],
    "categories": [{"id": 7, "name": "Cherry"}, {"id": 8}],
    "annotations": [{"image_id": 1, "score": 0.5}],
}


def text(**parts: Any) -> Text:
    """A file of these parts, without those that are None."""
    return Text(json.dumps({name: part for name, part in {**PARTS, **parts}.items() if part is not None}))


def test_names_go_by_ids() -> None:
    """What has no name has its id."""
    source = text()
    labels = scored_labels(source)
    assert labels is not None
    assert (labels.images, labels.classes) == ({"1": "a.png", "2": "2"}, {"7": "Cherry", "8": "8"})
    assert json.loads(source.read(*labels.annotations)) == PARTS["annotations"]


@pytest.mark.parametrize(
    "source",
    [
        Text("[]"),
        Text("{}"),
        text(images=None),
        text(categories=None),
        text(annotations=[]),
        text(annotations=[3]),
        text(annotations=[{"image_id": 1}, {"image_id": 1, "score": 0.5}]),
        Text(text().content.replace(b'"score": 0.5', b'"score": 0.5,')),
    ],
)
def test_other_files_are_none(source: Text) -> None:
    """Results, ground truth, and what the reader of annotations will refuse."""
    assert scored_labels(source) is None


def test_what_is_cut_off_is_refused() -> None:
    """By its outline."""
    with pytest.raises(InputError, match="cut off"):
        scored_labels(Text(text().content[:-3]))
