"""Encord's label rows: the SDK's own files against counts and values worked out from their JSON."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as mask_api

from schemas.errors import InputError
from schemas.parameters import ClassBy, Reading
from schemas.records import GroundTruthInput, Inputs
from schemas.tables import ANSWER_RECORDS, RECORDS, UNIT_RECORDS
from tasks.encord.ontology import read_ontology
from tasks.encord.truth import read_truth
from tasks.formats.encord_json import FORMAT, read_predictions, recognise, set_name
from tasks.running import serial, threaded
from tasks.storage import FileSource
from tests.coco_text import Text
from tests.encord_rows import image, numbered, read_file, reasons, sides, source, thing

Record = dict[str, Any]
SHAPES = {
    "bounding_box": 25, "rotatable_bounding_box": 16, "polygon": 19, "polyline": 16, "bitmask": 16, "point": 16,
    "skeleton": 16,
}  # fmt: skip
GENERATIONS = ("", "_sdk0114", "_sdk0160")
EXAMPLES = {"single_image": 1, "one_track_video": 3, "three_on_image": 3, "three_tracks_video": 9}
ANSWERED = {
    "checklist_example1_image": 2, "checklist_example2_video_range": 1, "empty_row": 0,
    "nested_radio_example1_image": 2, "radio_example1_image": 1, "radio_example2_video_range": 1,
    "text_example1_image": 1, "text_example2_video_range": 1,
}  # fmt: skip
"""Answers of the examples: a row for each option ticked, each text."""


@pytest.fixture(scope="session")
def encord(shared: Path) -> Path:
    """The folder of Encord's samples."""
    return shared / "samples/encord"


def truth(encord: Path, name: str, ontology: bool = True) -> GroundTruthInput:
    """A file of labels as ground truth."""
    aside = {"ontology": FileSource(encord / "ontology.json")} if ontology else {}
    return read_truth(Inputs([FileSource(encord / name)], aside), serial)


def objects(path: Path) -> Iterator[tuple[str, int, Record, Record]]:
    """(unit hash, frame, unit, object) of a file, in its order."""
    for row in json.loads(path.read_text()):
        for name, unit in row["data_units"].items():
            labels = unit["labels"]
            if row["data_type"] == "video":
                frames = [(int(frame), of_frame) for frame, of_frame in labels.items()]
            else:
                frames = [(int(unit["data_sequence"]), labels)]
            for frame, of_frame in frames:
                for item in of_frame["objects"]:
                    yield name, frame, unit, item


def points(by_number: Record, *names: str) -> list[Record]:
    """The points of an object of points, with these fields."""
    return [{name: by_number[str(k)].get(name) for name in names} for k in range(len(by_number))]


def drawn(bitmask: Record) -> Any:
    """Encord's mask as an array, by the letter: each number is five bits a character, runs go along the rows."""
    runs: list[int] = []
    value = shift = 0
    for character in bitmask["rleString"]:
        group = ord(character) - 48
        value |= (group & 31) << shift
        shift += 5
        if group & 32:
            continue
        if group & 16:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    flat = np.repeat(np.arange(len(runs), dtype=np.uint8) % 2, runs)
    return flat.reshape(bitmask["height"], bitmask["width"])


def check_geometry(record: Record, item: Record) -> None:
    """The record's geometry is what the object says, and it has no other."""
    shape = item["shape"]
    columns = {"bbox", "rotated_bbox", "polygons", "polyline", "keypoints", "mask"}
    filled = {name for name in columns if record[name] is not None}
    if shape == "bounding_box":
        assert (filled, record["bbox"]) == ({"bbox"}, item["boundingBox"])
    elif shape == "rotatable_bounding_box":
        assert (filled, record["rotated_bbox"]) == ({"rotated_bbox"}, item["rotatableBoundingBox"])
    elif shape == "polygon":
        rings = item.get("polygons")
        shell = [[points(item["polygon"], "x", "y")]]
        flat = rings and [
            [[{"x": ring[k], "y": ring[k + 1]} for k in range(0, len(ring), 2)] for ring in polygon]
            for polygon in rings
        ]
        assert (filled, record["polygons"]) == ({"polygons"}, flat or shell)
    elif shape == "polyline":
        assert (filled, record["polyline"]) == ({"polyline"}, points(item["polyline"], "x", "y"))
    elif shape == "point":
        point = {**item["point"]["0"], "visibility": 2, "name": None}
        assert (filled, record["keypoints"]) == ({"keypoints"}, [point])
    elif shape == "skeleton":
        expected = [{**point, "visibility": 2} for point in points(item["skeleton"], "x", "y", "name")]
        assert (filled, record["keypoints"]) == ({"keypoints"}, expected)
    else:
        mask = record["mask"]
        coco = {"size": [mask["height"], mask["width"]], "counts": mask["counts"]}
        assert filled == {"mask"}
        assert np.array_equal(mask_api.decode(coco), drawn(item["bitmask"]))


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("kind", ["labels", "predictions"])
def test_every_object_is_a_record_with_its_geometry(encord: Path, kind: str, generation: str) -> None:
    """Unit, frame, class, track, confidence and coordinates are those of the file, object by object."""
    path = encord / f"{kind}{generation}.json"
    predictions = kind == "predictions"
    blocks = read_predictions(Inputs([FileSource(path)]), serial) if predictions else truth(encord, path.name).blocks
    records, answers, rejects = sides(blocks)
    found = list(objects(path))
    assert rejects == []
    assert numbered(records, answers)
    assert len(records) == len(found)
    for record, (unit, frame, _, item) in zip(records, found, strict=True):
        assert (record["source_unit"], record["frame"], record["shape"]) == (unit, frame, item["shape"])
        assert (record["source_category"], record["track_id"]) == (item["featureHash"], item["objectHash"])
        assert record["score"] == (item["confidence"] if predictions else None)
        assert (record["coordinates"], record["source_file"]) == ("relative", path.name)
        check_geometry(record, item)


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("kind", ["labels", "predictions"])
def test_shapes_come_in_the_counts_that_the_samples_state(encord: Path, kind: str, generation: str) -> None:
    """The oldest SDK knows no skeletons; the predictions have one box more."""
    expected = dict(SHAPES, bounding_box=25 + (kind == "predictions"))
    if generation == "_sdk0114":
        del expected["skeleton"]
    records, _, _ = read_file(FileSource(encord / f"{kind}{generation}.json"))
    assert Counter(record["shape"] for record in records) == expected


@pytest.mark.parametrize(
    ("name", "objects", "answers"),
    [
        *((f"{s}_example{k}_{n}", count, 0) for s in ("bb", "rbb", "poly", "line", "pt", "bm", "sk")
          for k, (n, count) in enumerate(EXAMPLES.items(), 1)),
        *((name, 0, count) for name, count in ANSWERED.items()),
    ],
)  # fmt: skip
def test_an_example_has_what_its_name_says(encord: Path, name: str, objects: int, answers: int) -> None:
    """The 36 examples of Encord's guide, rejected nowhere."""
    records, found, rejects = read_file(FileSource(encord / "examples" / f"{name}.json"))
    assert (len(records), len(found), rejects) == (objects, answers, [])


def answer_rows(answers: list[Record], *names: str) -> list[tuple[Any, ...]]:
    """These fields of every answer, sorted."""
    return sorted((tuple(answer[name] for name in names) for answer in answers), key=str)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_answers_are_the_same_in_every_generation(encord: Path, generation: str) -> None:
    """One entry a frame, joined by hash, or ranges: the same units, frames, options and texts come out."""
    names = ("source_unit", "first_frame", "last_frame", "feature_hash", "attribute_hash", "option_hash", "text")
    _, answers, _ = sides(truth(encord, f"labels{generation}.json").blocks)
    _, latest, _ = sides(truth(encord, "labels.json").blocks)
    assert answer_rows(answers, *names) == answer_rows(latest, *names)


def test_answers_are_those_of_the_file(encord: Path) -> None:
    """Radio, checklist, text, nested; of images, of a group's images, of ranges of a video, and of an object."""
    names = ("first_frame", "last_frame", "feature_hash", "attribute_hash", "option_hash", "text")
    _, answers, _ = sides(truth(encord, "labels.json").blocks)
    by_unit: dict[str, list[Record]] = {}
    for answer in answers:
        by_unit.setdefault(answer["source_unit"], []).append(answer)
    apple, blueberries, cherries = (
        "003d7e07-1510-52ac-9c7b-cf9460339c9b",
        "739ced40-f8bb-51b0-afde-50e3c7720af4",
        "1d015155-3242-5b74-b3ad-8732a231c069",
    )
    assert answer_rows(by_unit[apple], *names) == sorted(
        [
            (0, 0, "c55eab8b", "c446851e", "c076b976", None),
            (0, 0, "cchk0000", "cchkattr", "cchk0opt", None),
            (0, 0, "cchk0000", "cchkattr", "cchk2opt", None),
            (0, 0, "ctxt0000", "ctxtattr", None, "two apples, one cut"),
            (0, 0, "cnst0000", "cnst2att", "cnst2a00", None),
            (0, 0, "cnst0000", "cnstattr", "cnstyes0", None),
        ],
        key=str,
    )
    assert answer_rows(by_unit[blueberries], *names) == sorted(
        [
            (193, 197, "c55eab8b", "c446851e", "c176b976", None),
            (193, 197, "cchk0000", "cchkattr", "cchk0opt", None),
            (193, 197, "cchk0000", "cchkattr", "cchk2opt", None),
            (10, 20, "ctxt0000", "ctxtattr", None, "blurry"),
            (30, 33, "cnst0000", "cnstattr", "cnstno00", None),
        ],
        key=str,
    )
    assert answer_rows(by_unit[cherries], "track_id", *names) == sorted(
        [
            ("jaA9oUoW", 10, 12, "OTk2MzM3", "ripe0004", None, "still green"),
            ("jaA9oUoW", 10, 12, "OTk2MzM3", "ripe0001", "ripe0003", None),
            ("jaA9oUoW", 12, 12, "OTk2MzM3", "occl0001", "occl0003", None),
            ("jaA9oUoW", 10, 10, "OTk2MzM3", "occl0001", "occl0002", None),
        ],
        key=str,
    )
    assert by_unit["6bae6da4-a819-50f0-83c8-c8c57e5c6361"][0]["first_frame"] == 1
    assert len(answers) == 20


def test_predicted_answers_have_their_confidence(encord: Path) -> None:
    """Of the answer in the latest SDK, of each frame in the older ones; attributes of objects state none."""
    expected = sorted(
        answer["confidence"]
        for row in json.loads((encord / "predictions.json").read_text())
        for answer in row["classification_answers"].values()
    )
    for generation in GENERATIONS:
        _, answers, _ = read_file(FileSource(encord / f"predictions{generation}.json"))
        scores = {(a["source_unit"], a["feature_hash"], a["first_frame"]): a["score"] for a in answers}
        assert sorted(score for score in scores.values() if score is not None) == expected
        assert all((answer["score"] is None) == (answer["track_id"] is not None) for answer in answers)


def test_units_are_those_of_data_units(encord: Path) -> None:
    """All 12, in order, videos with all frames, whose sizes, titles and rows are those stated beside the labels."""
    units = truth(encord, "labels.json").units
    assert units.schema.equals(UNIT_RECORDS.schema)
    rows = units.to_pylist()
    stated = json.loads((encord / "data_units.json").read_text())
    assert len(rows) == sum(unit["frames"] for unit in stated) == 910
    words = {"image": "image", "img_group": "group image", "video": "video frame"}
    expected = [
        (unit["data_hash"], unit["data_sequence"] + frame, unit["data_title"], words[unit["data_type"]],
         unit["row_data_hash"], unit["width"], unit["height"])
        for unit in stated for frame in range(unit["frames"])
    ]  # fmt: skip
    names = ("data_hash", "frame", "title", "kind", "sequence_hash", "width", "height")
    assert [tuple(row[name] for name in names) for row in rows] == expected
    assert [row["source_order"] for row in rows] == list(range(910))
    assert all(row["source_id"] == row["data_hash"] for row in rows)


def test_classes_come_from_the_ontology_or_else_from_the_rows(encord: Path) -> None:
    """The ontology has all; rows name the objects, questions and options that they use, of the same hashes."""
    own = truth(encord, "labels.json").categories
    assert own.equals(read_ontology(FileSource(encord / "ontology.json")))
    hashes = ("kind", "feature_hash", "attribute_hash", "option_hash", "name", "shape", "answer_type")
    gathered = truth(encord, "labels.json", ontology=False).categories.to_pylist()
    known = {tuple(row[name] for name in hashes) for row in own.to_pylist()}
    assert len(gathered) == 31
    assert {tuple(row[name] for name in hashes) for row in gathered} <= known
    assert {row["feature_hash"] for row in gathered if row["kind"] == "object"} >= {"OTk2MzM3", "MTgzMjA1"}
    assert [row["keypoint_names"] for row in gathered if row["keypoint_names"]] == [["A", "B", "C"]]


def test_the_branch_names_the_set(encord: Path) -> None:
    """Unless it is `main`, or the rows state none."""
    named = {
        name: set_name(Inputs([FileSource(encord / f"{name}.json")]))
        for name in ("predictions", "predictions_sdk0160", "predictions_sdk0114", "labels")
    }
    assert named == {"predictions": "my-model_v1.0", "predictions_sdk0160": "my-model_v1.0",
                     "predictions_sdk0114": None, "labels": None}  # fmt: skip


def test_files_of_several_branches_name_no_set() -> None:
    """Nor does a file whose rows disagree."""
    one, other = (source(image(branch_name=name)) for name in ("a", "b"))
    assert set_name(Inputs([one, one])) == "a"
    assert set_name(Inputs([one, other])) is None
    assert set_name(Inputs([source(image(branch_name="a"), image(branch_name="b"))])) is None


def test_it_is_recognised_by_its_keys(encord: Path) -> None:
    """Whatever its name, a list or a row by itself, of any generation; not COCO's results nor an ontology."""
    for name in ("labels.json", "predictions_sdk0114.json", "examples/empty_row.json"):
        assert recognise(["x"], (encord / name).read_bytes()[: 1 << 16])
    assert recognise(["x"], json.dumps(image()).encode())
    for name in ("coco/results.json", "ontology.json", "data_units.json", "data_mapping.json"):
        assert not recognise(["x"], (encord / name).read_bytes()[: 1 << 16])


def test_blocks_have_the_columns_of_records(encord: Path) -> None:
    """Exactly, of RECORDS and ANSWER_RECORDS, whatever the file holds."""
    for name in ("predictions.json", "examples/text_example1_image.json", "examples/pt_example1_single_image.json"):
        for block in read_predictions(Inputs([FileSource(encord / name)]), serial):
            assert block.records.schema.equals(RECORDS.schema)
            assert block.answers is not None
            assert block.answers.schema.equals(ANSWER_RECORDS.schema)


def test_threads_change_nothing(encord: Path) -> None:
    """The same blocks, in the same order."""
    inputs = Inputs([FileSource(encord / "predictions.json"), FileSource(encord / "labels.json")])
    assert sides(read_predictions(inputs, threaded(3))) == sides(read_predictions(inputs, serial))


def test_of_several_files_a_broken_one_is_a_reject() -> None:
    """The others are taken; by itself it is an error."""
    good, broken = source(image(thing()), name="good.json"), Text('[{"label_hash": ', "broken.json")
    records, _, rejects = read_file(broken, good)
    assert (len(records), reasons(rejects)) == (1, ["broken_file"])
    assert (rejects[0]["source_file"], rejects[0]["source_row"]) == ("broken.json", None)
    assert "byte 16" in rejects[0]["reason"]
    with pytest.raises(InputError, match="cut off"):
        read_file(broken)


def test_of_several_files_of_labels_a_broken_one_is_a_reject() -> None:
    """Its units and classes are unknown then."""
    good, broken = source(image(thing()), name="good.json"), Text('[{"label_hash": ', "broken.json")
    read = read_truth(Inputs([broken, good]), serial)
    assert reasons(read.rejects.to_pylist()) == ["broken_file"]
    assert (len(read.units), len(sides(read.blocks)[0])) == (1, 1)
    with pytest.raises(InputError, match="cut off"):
        read_truth(Inputs([broken]), serial)


def test_classes_go_by_name_when_asked() -> None:
    """`source_category` is then the name."""
    reading = Reading(class_by=ClassBy.NAME)
    records, _, _ = sides(read_predictions(Inputs([source(image(thing()))], reading=reading), serial))
    assert [record["source_category"] for record in records] == ["Cherry"]


def test_the_format_reads_both_and_names_sets() -> None:
    """The record of the registry."""
    assert (FORMAT.name, FORMAT.read_predictions, FORMAT.set_name) == ("encord-json", read_predictions, set_name)
    assert FORMAT.read_ground_truth is read_truth
