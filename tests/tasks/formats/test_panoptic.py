"""Panoptic pairs, as ground truth and as predictions, with COCO's own sample against its list."""

import json
from pathlib import Path

import numpy as np
import pytest
from pycocotools import mask as reference

from schemas.errors import InputError
from schemas.records import Inputs
from schemas.tables import CATEGORY_RECORDS
from tasks.formats.panoptic import read_ground_truth, read_predictions, recognise
from tasks.ingest import open_sources
from tasks.running import serial
from tasks.units import keyed_units
from tests.tasks.formats.test_masks import gathered
from tests.tasks.panoptic.scenes import pair, segment

SAMPLE = "samples/panoptic/sample_data"


def test_the_sample_is_what_its_list_says(shared: Path) -> None:
    """Every segment, in order, with the area that the list states counted in the image; other files are refused."""
    document = json.loads((shared / SAMPLE / "panoptic_examples.json").read_text())
    read = read_ground_truth(Inputs(open_sources(shared / SAMPLE)), serial)
    assert read.units["title"].to_pylist() == [image["file_name"] for image in document["images"]]
    assert read.categories.schema.equals(CATEGORY_RECORDS.schema)
    assert read.categories["is_thing"].to_pylist() == [bool(c["isthing"]) for c in document["categories"]]
    records, rejects = gathered(list(read.blocks))
    listed = [
        (str(a["image_id"]), str(s["category_id"]), str(s["id"]), bool(s["iscrowd"]), s["area"])
        for a in document["annotations"]
        for s in a["segments_info"]
    ]
    names = ("source_unit", "source_category", "source_id", "iscrowd")
    assert [(*(r[name] for name in names), _area_px2(r)) for r in records] == listed
    assert [(r["source_file"], r["source_row"]) for r in rejects] == [
        ("images_info_examples.json", None),
        ("panoptic_coco_detection_format.json", None),
    ]


def _area_px2(record: dict[str, object]) -> int:
    mask = record["mask"]
    assert isinstance(mask, dict)
    return int(reference.area({"size": [mask["height"], mask["width"]], "counts": mask["counts"]}))


def test_predictions_need_neither_images_nor_categories() -> None:
    """But are held to the sizes of the project's units."""
    ids, segments = np.array([[1, 2]]), [segment(1, 1), segment(2, 2)]
    files = pair({1: (ids, segments), 2: (ids.T, segments)})
    truth = read_ground_truth(Inputs(files), serial)
    document = {"annotations": json.loads(files[0].content)["annotations"]}
    files[0] = type(files[0])(json.dumps(document), files[0].name)
    files[2] = type(files[2])(files[1].content, files[2].name)
    records, rejects = gathered(list(read_predictions(Inputs(files, units=keyed_units(None, truth.units)), serial)))
    assert [(r["source_unit"], r["source_category"], r["score"]) for r in records] == [("1", "1", 1.0), ("1", "2", 1.0)]
    assert [r["reason_code"] for r in rejects] == ["mask_size_mismatch"]


def test_predictions_may_lie_in_several_lists() -> None:
    """Each with its own folder of images of the same names."""
    first, second = (pair({k: (np.array([[k]]), [segment(k, 1)])}, name) for k, name in ((1, "a"), (2, "b")))
    second[1].name = "b/1.png"
    second[0].content = second[0].content.replace(b'"2.png"', b'"1.png"')
    records, rejects = gathered(list(read_predictions(Inputs([*first, *second]), serial)))
    assert [(r["source_file"], r["source_row"], r["source_unit"]) for r in records] == [
        ("a.json", 0, "1"), ("b.json", 0, "2")
    ]  # fmt: skip
    assert rejects == []


def test_ground_truth_is_one_list() -> None:
    """Several are an error that names them."""
    files = [*pair({1: (np.array([[1]]), [])}, "a"), *pair({1: (np.array([[1]]), [])}, "b")]
    with pytest.raises(InputError, match=r"several lists of segments: a\.json, b\.json"):
        read_ground_truth(Inputs(files), serial)


@pytest.mark.parametrize(
    ("names", "head", "panoptic"),
    [
        (["a.json", "a/1.png"], b'{"images": [', True),
        (["a.json", "a/1.png"], b'{"info": {}, ', True),
        (["1.png", "a.json"], b"\x89PNG", True),
        (["a.json", "a/1.png"], b'{"openlabel": {', False),
        (["a.json"], b'{"images": [', False),
        (["1.png", "ontology_mapping.json"], b"\x89PNG", False),
        (["1.png"], b"\x89PNG", False),
    ],
)
def test_the_format_is_recognised_by_its_files(names: list[str], head: bytes, panoptic: bool) -> None:
    """A list of segments and images beside it."""
    assert recognise(names, head) is panoptic
