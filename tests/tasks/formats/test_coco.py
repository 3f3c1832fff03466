"""COCO files: real ones against Python's JSON reader, broken ones against what must be said of them."""

import json
import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pycocotools import mask as mask_api

from schemas.errors import InputError
from schemas.records import Inputs
from schemas.tables import CATEGORY_RECORDS, RECORDS, UNIT_RECORDS
from tasks.coco.blocks import Reader, Region, read_blocks
from tasks.formats import FORMATS
from tasks.formats.coco import FORMAT, read_ground_truth, read_predictions, recognise
from tasks.kernels.json_records import RESULTS
from tasks.running import serial, threaded
from tasks.storage.sources import FileSource
from tests.coco_text import GROUND_TRUTH, Text, with_part

Record = dict[str, Any]
SAMPLES = "samples/coco"


def predictions(source: Any, run: Any = serial) -> tuple[list[Record], list[Record]]:
    """(records, rejects) of a results file."""
    records, rejects = [], []
    for block in read_predictions(source, run):
        assert block.rows == len(block.records) + len(block.rejects)
        records += block.records.to_pylist()
        rejects += block.rejects.to_pylist()
    return records, rejects


def annotations(source: Any) -> tuple[list[Record], list[Record]]:
    """(records, rejects) of a ground truth file's annotations."""
    blocks = list(read_ground_truth(source, serial).blocks)
    return [r for b in blocks for r in b.records.to_pylist()], [r for b in blocks for r in b.rejects.to_pylist()]


def _segmentation(raw: Any) -> tuple[Any, Any]:
    """(polygons, mask) as RECORDS has them."""
    if isinstance(raw, list):
        parts = [[[{"x": x, "y": y} for x, y in zip(part[::2], part[1::2], strict=True)]] for part in raw]
        return parts or None, None
    if raw and isinstance(raw["counts"], list):
        packed = mask_api.frPyObjects(raw, *raw["size"])["counts"]
        return None, {"height": raw["size"][0], "width": raw["size"][1], "counts": packed}
    if raw:
        return None, {"height": raw["size"][0], "width": raw["size"][1], "counts": raw["counts"].encode()}
    return None, None


def expected(raw: Record, row: int, file: str, results: bool) -> Record:
    """The columns of RECORDS for a sound record, from what `json.load` gives."""
    polygons, mask = _segmentation(raw.get("segmentation"))
    flat = raw.get("keypoints")
    points = flat and [
        {"x": x, "y": y, "visibility": (v if v in (0, 1, 2) else 2), "name": None}
        for x, y, v in zip(flat[::3], flat[1::3], flat[2::3], strict=True)
    ]
    shape = "skeleton" if points else "polygon" if polygons else "bitmask" if mask else "bounding_box"
    column: Record = dict.fromkeys(RECORDS.fields)
    column |= {"source_file": file, "source_row": row, "frame": 0, "coordinates": "pixel", "shape": shape}
    column |= {"source_unit": str(raw["image_id"]), "source_category": str(raw["category_id"])}
    column |= {"polygons": polygons, "mask": mask, "keypoints": points}
    column["bbox"] = dict(zip("xywh", raw["bbox"], strict=True)) if raw.get("bbox") else None
    if results:
        return column | {"score": raw["score"]}
    column |= {name: raw.get(name) for name in ("area", "num_keypoints")}
    column |= {name: bool(raw[name]) if name in raw else None for name in ("iscrowd", "ignore")}
    return column | {"source_id": str(raw["id"])}


def samples(shared: Path, results: bool) -> list[tuple[Path, Any]]:
    """(path, content) of the sample files of one kind."""
    files = sorted((shared / SAMPLES).rglob("*.json"))
    loaded = [(path, json.loads(path.read_text())) for path in files]
    return [(path, content) for path, content in loaded if isinstance(content, list) == results]


def test_results_hold_what_json_load_gives(shared: Path) -> None:
    """Every value of every sample results file arrives, to the bit, in order, and nothing is rejected."""
    found = samples(shared, results=True)
    assert len(found) >= 6
    for path, content in found:
        records, rejects = predictions(FileSource(path))
        assert records == [expected(raw, row, path.name, True) for row, raw in enumerate(content)]
        assert rejects == []


def test_annotations_hold_what_json_load_gives(shared: Path) -> None:
    """Every value of every sample ground truth arrives, to the bit, in order, and nothing is rejected."""
    found = samples(shared, results=False)
    assert len(found) >= 5
    for path, content in found:
        records, rejects = annotations(FileSource(path))
        assert records == [expected(raw, row, path.name, False) for row, raw in enumerate(content["annotations"])]
        assert rejects == []


def test_images_and_categories_hold_what_json_load_gives(shared: Path) -> None:
    """Every image and category of the samples is there, in the order of pycocotools' sorted ids."""
    for path, content in samples(shared, results=False):
        read = read_ground_truth(FileSource(path), serial)
        assert read.rejects.num_rows == 0
        units, images = read.units.to_pylist(), sorted(content["images"], key=lambda image: image["id"])
        kept = [(unit["source_id"], unit["title"], unit["width"], unit["height"]) for unit in units]
        assert kept == [(str(i["id"]), i["file_name"], i["width"], i["height"]) for i in images]
        categories = sorted(content["categories"], key=lambda category: category["id"])
        names = [(row["feature_hash"], row["name"], row["keypoint_names"]) for row in read.categories.to_pylist()]
        assert names == [(str(c["id"]), c["name"], c.get("keypoints")) for c in categories]


def test_tables_have_the_declared_columns(shared: Path) -> None:
    """Units and categories have their schemas, records that of RECORDS but for dictionaries of repeating texts."""
    read = read_ground_truth(FileSource(shared / SAMPLES / "instances_val2014_100.json"), serial)
    assert read.units.schema.equals(UNIT_RECORDS.schema)
    assert read.categories.schema.equals(CATEGORY_RECORDS.schema)
    batch = next(read.blocks).records
    assert pa.Table.from_batches([batch]).cast(RECORDS.schema).schema.equals(RECORDS.schema)
    batch.validate(full=True)


def test_threads_and_size_of_blocks_change_nothing(shared: Path) -> None:
    """The rows are the same in one block, in many, in turn or over threads."""
    path = shared / SAMPLES / "instances_val2014_fakesegm100_results.json"
    whole, _ = predictions(FileSource(path))
    for size, run in ((500, serial), (5_000, threaded(2)), (64, threaded(3))):
        source = FileSource(path)
        reader = Reader(source, Region(1, source.size, 1), RESULTS)
        assert [row for block in read_blocks(reader, run, size) for row in block.records.to_pylist()] == whole


def test_ground_truth_needs_no_info_area_or_iscrowd() -> None:
    """A file with images, categories and annotations alone is read; id 0 is an id."""
    (record,), rejects = annotations(with_part())
    assert rejects == []
    assert (record["source_id"], record["area"], record["iscrowd"]) == ("0", None, None)
    assert record["bbox"] == {"x": 1, "y": 2, "w": 3, "h": 4}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (with_part(images=None), "images is missing"),
        (with_part(images=[]), "images is empty"),
        (with_part(categories=None), "categories is missing"),
        (with_part(categories=[]), "categories is empty"),
        (
            with_part(images=[{"id": 1}, {}]),
            "images holds none that can be taken; the first of 2 is refused as missing_field: width is missing",
        ),
        (
            with_part(categories=[{"name": "cat"}]),
            "categories holds none that can be taken; the first of 1 is refused as missing_field: id is missing",
        ),
        (Text('{"images": [}, "annotations": [], "categories": [{"id": 1}]}'), "byte 12: not JSON"),
        (Text(with_part().content.replace(b"480}]", b"480}}").replace(b"640}]", b"640}}")), r"byte \d+: not JSON"),
        (Text(with_part().content.replace(b'"animal"}]', b'"animal"}}')), r"byte \d+: not JSON"),
        (with_part(annotations=None), "annotations is missing"),
        (with_part(annotations={}), "annotations is no list"),
        (Text('[{"image_id":1}]'), "this looks like a results file"),
        (Text('[{"what":1}]'), "a list, not ground truth"),
        (Text(""), "the file is empty"),
        (Text(" \n "), "the file is empty"),
        (Text("hello"), "not JSON: begins with 'h'"),
        (Text(b"\xef\xbb\xbf{}"), "byte order mark"),
        (Text(with_part().content[:-1]), "cut off"),
        (Text(with_part().content[:60]), "cut off"),
        (Text(with_part().content + b"}"), "the text goes on"),
        (Text(with_part().content.replace(b'"categories"', b'"images"')), "the key 'images' twice"),
        (Text(with_part().content.replace(b'"file_name"', b'"id"')), "the key 'id' twice"),
        (Text(with_part(info=7).content.replace(b'"info": 7', b'"info": 7;')), "not JSON"),
        (Text(with_part().content.replace(b"b.jpg", b"\xff.jpg")), "not UTF-8"),
        (Text(with_part().content.replace(b'"b.jpg"', b"b.jpg")), "not JSON"),
        (with_part(info=json.loads("[" * 64 + "]" * 64)), "nested deeper than 64"),
        (Text(with_part().content.replace(b'{"images"', b'{"info":{"a" 1},"images"')), "not JSON"),
        (Text(with_part().content.replace(b'{"images"', b'{"info":{"a":1,"a":1},"images"')), "twice"),
    ],
)
def test_a_ground_truth_file_that_is_none_is_refused(text: Text, message: str) -> None:
    """The error says what was found, and where it can, the byte."""
    with pytest.raises(InputError, match=message) as refused:
        read_ground_truth(text, serial)
    assert "file.json" in str(refused.value)


@pytest.mark.parametrize("listed", ["[}", "[ }", '[{"id": 1}}'])
def test_annotations_that_end_with_a_brace_are_refused(listed: str) -> None:
    """The byte is named."""
    content = with_part(annotations="here").content.replace(b'"here"', listed.encode())
    with pytest.raises(InputError, match=r"byte \d+: not JSON: '}' where a record"):
        annotations(Text(content))


def test_other_parts_of_a_ground_truth_file_may_say_anything() -> None:
    """Escapes, exponents, nested lists and NaN in `info` are no fault."""
    read = read_ground_truth(with_part(info={"a\n": [1e300, {"b": math.nan}], "licences": None}), serial)
    assert len(read.units) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (json.dumps(GROUND_TRUTH), "this looks like ground truth"),
        ("{}", "an object, not a results file"),
        ("[{},]", "not JSON"),
        ("[{} {}]", "not JSON: '{' where a record, a comma or the end of the list must stand"),
        ("[{}", "cut off"),
        ('[{"image_id": 1, "sco', "cut off"),
        ("[{}]]", "the text goes on"),
        ("[]]", "the text goes on"),
        ("[,{}]", "not JSON"),
        ('[{"a":1,"a":2}]', "byte 1: an object has the key 'a' twice"),
        ('[{"a":01}]', "byte 7: not JSON"),
        ('[{"é":tru}]', "byte 7: not JSON"),
        ("[" * 65 + "]" * 65, "nested deeper than 64"),
        (b'[{"a":"\xff"}]', "byte 7: not UTF-8"),
        ('[{"a":"b\nc"}]', "byte 8: not JSON"),
        ("\ufeff[]", "byte order mark"),
    ],
)
def test_a_results_file_that_is_none_is_refused(text: str | bytes, message: str) -> None:
    """The error says what was found, and the byte."""
    with pytest.raises(InputError, match=message):
        predictions(Text(text))


@pytest.mark.parametrize("text", ["[]", " [ ] \n"])
def test_an_empty_results_file_has_no_rows(text: str) -> None:
    """A model that found nothing is no error."""
    assert predictions(Text(text)) == ([], [])


def test_ground_truth_without_annotations_in_its_list_has_no_rows() -> None:
    """Images on which there is nothing are no error."""
    assert annotations(with_part(annotations=[])) == ([], [])


@pytest.mark.parametrize(
    ("head", "coco"),
    [
        (b' [ {"image_id": 1', True),
        (b'[{"score":0.5,"image_id":7}]', True),
        (b"[]", True),
        (b'{"info": {}, "images": [', True),
        (b'{"annotations":[{"segmentation"', True),
        (b'{"categories": [{"name": "acorn", "frequency": "r"', True),
        (b"\xef\xbb\xbf[{\"image_id\":1}]", True),
        (b'[{"label_hash": "x", "data_units": {}}]', False),
        (b'{"openlabel": {"metadata": {}}}', False),
        (b"Car 0.00 0 1.5 100 120", False),
        (b"\x80\x04]q\x00", False),
        (b"", False),
    ],
)  # fmt: skip
def test_the_format_is_recognised_by_its_words(head: bytes, coco: bool) -> None:
    """Neither the name nor what other systems write makes a file COCO's."""
    assert recognise(["predictions.json"], head) is coco


def test_the_format_is_registered() -> None:
    """Both ways of reading are offered."""
    assert FORMATS["coco"] is FORMAT
    assert FORMAT.read_ground_truth is not None
    assert FORMAT.read_predictions is not None


def test_of_several_files_one_that_is_broken_is_a_reject(tmp_path: Path) -> None:
    """The predictions of the others are taken; alone it is an error."""
    good, broken = tmp_path / "a.json", tmp_path / "b.json"
    good.write_text(json.dumps([{"image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 9], "score": 0.5}]))
    broken.write_text(good.read_text()[:-9])
    sources = [FileSource(path) for path in (good, broken)]
    blocks = list(FORMAT.read_predictions(Inputs(sources, {}), serial))
    assert [(block.rows, len(block.records)) for block in blocks] == [(1, 1), (1, 0)]
    assert blocks[1].rejects["reason_code"].to_pylist() == ["broken_file"]
    assert blocks[1].rejects["source_file"].to_pylist() == [sources[1].name]
    with pytest.raises(InputError):
        list(FORMAT.read_predictions(Inputs(sources[1:], {}), serial))
