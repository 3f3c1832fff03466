"""COCO results in the words of an Encord project."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import InputError
from schemas.parameters import ClassBy, Reading
from schemas.records import Inputs
from tasks.formats.coco import FORMAT
from tasks.running import serial
from tasks.storage import FileSource
from tests.coco_text import Text

Record = dict[str, Any]


def results(*pairs: tuple[Any, Any], **top: Any) -> Text:
    """Results of (image, category); inside an object where it has other parts, too."""
    box = {"bbox": [1, 2, 3, 4], "score": 0.5}
    listed = [{"image_id": image, "category_id": category, **box} for image, category in pairs]
    return Text(json.dumps({**top, "annotations": listed} if top else listed))


def read(source: Any, by_name: bool = False, **aside: Any) -> tuple[list[Record], list[Record]]:
    """(records, rejects) with mappings beside them."""
    assert FORMAT.read_predictions is not None
    reading = Reading(class_by=ClassBy.NAME if by_name else ClassBy.HASH)
    records, rejects = [], []
    for block in FORMAT.read_predictions(Inputs([source], aside, reading=reading), serial):
        assert block.rows == len(block.records) + len(block.rejects)
        records += block.records.to_pylist()
        rejects += block.rejects.to_pylist()
    return records, rejects


def words(records: list[Record]) -> list[tuple[str, str]]:
    """(unit, class) of each."""
    return [(record["source_unit"], record["source_category"]) for record in records]


def test_the_sample_is_read_in_the_projects_words(shared: Path) -> None:
    """21 results; one of several polygons is one instance."""
    folder = shared / "samples/encord/coco"
    aside = {"mapping": "ontology_mapping", "image_mapping": "image_mapping"}
    files: dict[str, Any] = {name: FileSource(folder / f"{file}.json") for name, file in aside.items()}
    records, rejects = read(FileSource(folder / "results.json"), **files)
    images = json.loads((folder / "image_mapping.json").read_text())
    classes = {number: name for name, number in json.loads((folder / "ontology_mapping.json").read_text()).items()}
    raw = json.loads((folder / "results.json").read_text())
    assert words(records) == [(images[str(r["image_id"])], classes[r["category_id"]]) for r in raw]
    assert (len(records), rejects) == (21, [])
    assert [len(record["polygons"]) for record in records if record["polygons"]] == [1, 2, 1, 1, 1, 1, 1]


def test_an_unmapped_class_is_rejected() -> None:
    """By itself, with its place in the file and what it said."""
    records, rejects = read(results((1, 1), (1, 9), (2, 2)), mapping=Text('{"x": 1, "y": 2}'))
    assert words(records) == [("1", "x"), ("2", "y")]
    assert [(reject["source_row"], reject["reason_code"]) for reject in rejects] == [(1, "unmapped_class")]
    assert "'9'" in rejects[0]["reason"]
    assert json.loads(rejects[0]["record"])["source_category"] == "9"


def test_an_unmapped_image_keeps_its_name() -> None:
    """It may still be a title; where it is none, resolve says so."""
    records, _ = read(results((1, 5), ("a.png", 5), (2, 5)), image_mapping=Text('{"1": "x", "2": "x"}'))
    assert words(records) == [("x", "5"), ("a.png", "5"), ("x", "5")]


@pytest.mark.parametrize("mapping", ['{"x": 1, "y": 1}', "[]", "{"])
def test_a_damaged_mapping_refuses_the_file(mapping: str) -> None:
    """Before anything is read."""
    with pytest.raises(InputError):
        read(results((1, 1)), mapping=Text(mapping))


LABELS = {
    "images": [{"id": 1, "file_name": "a.png", "width": 4, "height": 3}, {"id": 2, "width": 4, "height": 3}],
    "categories": [{"id": 1, "name": "Cherry"}, {"id": 2}],
}


def test_labels_with_scores_are_predictions() -> None:
    """Images go by their file names, classes by names when asked; what has none keeps its id."""
    source = results((1, 1), (2, 2), **LABELS)
    assert words(read(source, by_name=True)[0]) == [("a.png", "Cherry"), ("2", "2")]
    assert words(read(source)[0]) == [("a.png", "1"), ("2", "2")]


def test_mappings_win_over_the_names_in_labels() -> None:
    """They go from the ids of the file."""
    source = results((1, 1), **LABELS)
    aside = {"mapping": Text('{"x": 1}'), "image_mapping": Text('{"1": "y"}')}
    assert words(read(source, by_name=True, **aside)[0]) == [("y", "x")]


def test_labels_without_scores_are_ground_truth() -> None:
    """And refused as predictions, with a hint."""
    labels = json.loads(results((1, 1), **LABELS).content)
    del labels["annotations"][0]["score"]
    with pytest.raises(InputError, match="not a results file"):
        read(Text(json.dumps(labels)))


def test_a_later_label_without_a_score_is_rejected() -> None:
    """The first says that they are predictions."""
    labels = json.loads(results((1, 1), (1, 1), **LABELS).content)
    del labels["annotations"][1]["score"]
    records, rejects = read(Text(json.dumps(labels)))
    assert (len(records), [reject["reason_code"] for reject in rejects]) == (1, ["missing_field"])
