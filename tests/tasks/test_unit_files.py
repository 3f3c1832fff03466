"""Files of data units: Encord's list, Kognic's manifest, and what lacks sizes."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import InputError
from schemas.tables import UNIT_RECORDS
from tasks.openlabel.manifest import manifest_units, read_manifest
from tasks.storage import FileSource
from tasks.unit_files import read_unit_file
from tests.coco_text import Text

IMAGE = {"data_hash": "a", "data_type": "image", "data_title": "a.png", "width": 4, "height": 3}
CLIP = {"data_hash": "v", "row_data_hash": "w", "data_type": "video", "width": 8, "height": 6, "frames": 3}


def units(document: Any) -> list[dict[str, Any]]:
    """The rows of a file."""
    table = read_unit_file(Text(json.dumps(document), "units.json"))
    assert table.schema.equals(UNIT_RECORDS.schema)
    return table.to_pylist()


def test_a_list_of_units() -> None:
    """Frames of a video one by one; a row of its own hash is the sequence."""
    found = [(row["data_hash"], row["frame"], row["title"], row["kind"], row["sequence_hash"], row["width"])
             for row in units([IMAGE, CLIP])]  # fmt: skip
    assert found == [
        ("a", 0, "a.png", "image", "a", 4),
        *(("v", frame, None, "video frame", "w", 8) for frame in range(3)),
    ]


def test_images_of_a_group_stand_by_their_place() -> None:
    """Which the SDK writes as text, and a list of units as a number."""
    group = [
        {**IMAGE, "data_hash": str(k), "row_data_hash": "g", "data_type": "img_group", "data_sequence": place}
        for k, place in enumerate((2, "0", 1))
    ]
    assert [(row["data_hash"], row["frame"]) for row in units(group)] == [("1", 0), ("2", 1), ("0", 2)]


def test_audio_has_no_size() -> None:
    """0 by 0 px."""
    (row,) = units([{"data_hash": "s", "data_type": "audio"}])
    assert (row["kind"], row["width"], row["height"]) == ("audio", 0, 0)


def test_a_manifest_is_kognics(shared: Path) -> None:
    """Read by what reads it beside OpenLABEL files."""
    source = FileSource(shared / "samples/kognic/manifest.json")
    assert read_unit_file(source).equals(manifest_units(read_manifest(source)))


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"a": "a.png"}, "units.json: the file names the data units; their width and height are missing"),
        ([], "units.json: no list of data units"),
        ({}, "units.json: no list of data units"),
        (3, "units.json: no list of data units"),
        ([IMAGE, 3], "units.json, data unit 1: a data unit is 3"),
        ([{**IMAGE, "width": None}], "units.json, data unit 0: width is missing"),
        ([{**IMAGE, "height": 0}], "units.json, data unit 0: height is 0"),
        ([{**IMAGE, "data_type": "dicom"}], "units.json, data unit 0: data_type is 'dicom'"),
        ([{**CLIP, "frames": 1 << 40}], "units.json, data unit 0: frames is"),
        ([{**IMAGE, "data_type": "img_group"}], "units.json, data unit 0: data_sequence is missing"),
        ([IMAGE, IMAGE], "units.json: the data unit 'a' is there twice"),
    ],
)
def test_what_states_no_units_is_refused(document: Any, message: str) -> None:
    """With the unit and the field."""
    with pytest.raises(InputError) as refused:
        units(document)
    assert message in str(refused.value)
