"""Pickles written by Encord Active's own classes, and by ours, from the file to records."""

import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import boxscore
from schemas.tables import ANSWER_RECORDS, RECORDS
from tasks.formats import FORMATS
from tasks.formats.encord_pickle import FORMAT
from tasks.storage import FileSource
from tests.encord_pickles import APP, CLASS, LIB, UNIT, Format, answered, blocks, box, detected, dumped, flat, read

SQUARE = [[0.2, 0.1], [0.2, 0.4], [0.3, 0.4], [0.3, 0.1]]
POLYGON = [[[{"x": x, "y": y} for x, y in SQUARE]]]
FIELDS = {"source_unit": UNIT, "source_category": CLASS, "frame": 0, "score": 0.5, "coordinates": "relative"}
CORNER = {"x": 0.1, "y": 0.2, "w": 0.3, "h": 0.4}
SAMPLES = {
    "predictions_bbox": ("bbox", "bounding_box"),
    "predictions_polygon": ("polygon", "polygon"),
    "predictions_mask": ("mask", "bitmask"),
}
PROTOCOLS = [0, 4, *(pytest.param(protocol, marks=pytest.mark.slow) for protocol in (1, 2, 3, 5))]
"""Of pickle, which writes the same in its own opcodes."""


@pytest.fixture
def pickles(shared: Path) -> Path:
    """The sample pickles."""
    return shared / "samples/encord/pickles"


def area_px2(mask: dict[str, Any]) -> int:
    """Foreground of a packed mask, by pycocotools."""
    from pycocotools import mask as coco

    return int(coco.area({"size": [mask["height"], mask["width"]], "counts": mask["counts"]}))


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_hold_what_they_must(pickles: Path, name: str) -> None:
    """Records of each sample are as many as its expectation says, all of its shape, none rejected."""
    key, shape = SAMPLES[name]
    records, answers, rejects = read(FileSource(pickles / f"{name}.pkl"))
    expected = json.loads((pickles / "expected.json").read_text())
    assert len(records) == expected[key]
    assert {record["shape"] for record in records} == {shape}
    assert answers == rejects == []
    if shape == "bitmask":
        assert [area_px2(record["mask"]) for record in records] == expected["mask_px"]


def test_sample_classifications_become_answers(pickles: Path) -> None:
    """Each classification of the sample is an answer with its three hashes."""
    records, answers, rejects = read(FileSource(pickles / "predictions_classification.pkl"))
    assert len(answers) == json.loads((pickles / "expected.json").read_text())["classification"]
    assert records == rejects == []
    assert (answers[0]["feature_hash"], answers[0]["attribute_hash"]) == ("c55eab8b", "c446851e")
    assert (answers[0]["first_frame"], answers[0]["last_frame"], answers[0]["score"]) == (0, 0, 0.6)


COUNTS = {
    "legacy_v0.1.13_app_db": (6, 0),
    "legacy_v0.1.25_lib_db_flat": (6, 0),
    "predictions_bbox_proto0": (5, 0),
    "predictions_mask_proto5": (3, 0),
    "predictions_npscalar": (3, 0),
    "predictions_objects_mixed": (45, 0),
    "predictions_polygon_proto2": (5, 0),
    "predictions_polygon_proto5": (5, 0),
    "invalid_mixed_object_and_classification": (2, 2),
}


@pytest.mark.parametrize("name", COUNTS)
def test_every_generation_and_protocol_is_read(pickles: Path, name: str) -> None:
    """Older generations, protocols 0 to 5, numpy numbers and mixed lists lose no record."""
    records, answers, rejects = read(FileSource(pickles / f"{name}.pkl"))
    assert (len(records), len(answers), rejects) == (*COUNTS[name], [])


def test_protocols_of_one_sample_say_the_same(pickles: Path) -> None:
    """What protocols 0, 2 and 5 hold are the first rows of what protocol 4 does."""
    for short, long in (("bbox_proto0", "bbox"), ("polygon_proto2", "polygon"), ("mask_proto5", "mask")):
        some, _, _ = read(FileSource(pickles / f"predictions_{short}.pkl"))
        every, _, _ = read(FileSource(pickles / f"predictions_{long}.pkl"))
        assert some == every[: len(some)]


def test_sample_geometry_is_what_was_written(pickles: Path) -> None:
    """The first box, the first polygon, and the variants: a boolean mask, float32; scores beyond 0 to 1 are refused."""
    boxes, _, _ = read(FileSource(pickles / "predictions_bbox.pkl"))
    assert boxes[0]["bbox"] == {"x": 0.1, "y": 0.15, "w": 0.2, "h": 0.25}
    assert (boxes[0]["score"], boxes[0]["source_category"], boxes[0]["frame"]) == (0.7395, CLASS, 0)
    polygons, _, _ = read(FileSource(pickles / "predictions_polygon.pkl"))
    corners = [(0.1, 0.15), (0.3, 0.15), (0.3, 0.4), (0.1, 0.4)]
    assert polygons[0]["polygons"] == [[[{"x": x, "y": y} for x, y in corners]]]
    (mask, small, _), _, rejects = read(FileSource(pickles / "predictions_variants.pkl"))
    assert area_px2(mask["mask"]) == 24311
    assert "frame" not in small
    assert small["polygons"][0][0][0] == {"x": float(np.float32(0.1)), "y": float(np.float32(0.15))}
    reasons = [(row["source_row"], row["reason_code"], row["reason"]) for row in rejects]
    assert reasons == [
        (2, "out_of_range", "confidence is 7.5; 0 to 1 is allowed"),
        (3, "out_of_range", "confidence is -1.0; 0 to 1 is allowed"),
    ]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("module", [APP, LIB])
def test_boxes_come_as_they_are(protocol: int, module: str) -> None:
    """Nested and flat boxes at every protocol, under both modules, in file order, outside their image too."""
    outside = box(x=-0.5, w=2.5)
    content = dumped([detected(box()), flat(outside, track_id=7), detected(box(theta=30.0))], protocol, module)
    first, second, third = read(content)[0]
    assert first == {**FIELDS, "source_row": 0, "shape": "bounding_box", "bbox": CORNER}
    assert second["bbox"] == {**CORNER, "x": -0.5, "w": 2.5}
    assert second["track_id"] == "7"
    assert (third["shape"], third["rotated_bbox"]) == ("rotatable_bounding_box", {**CORNER, "theta": 30.0})


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_masks_go_by_columns(protocol: int) -> None:
    """A mask of 3 rows and 2 columns, by rows and by columns in memory: runs go down the columns, background first."""
    mask = np.array([[0, 1], [1, 1], [0, 0]], np.uint8)  # down the columns: 0 1 0, 1 1 0
    masks = [mask, np.asfortranarray(mask), mask.astype(bool), mask.astype(np.int64), mask.T[:, ::-1].T[::-1]]
    records, _, _ = read(dumped([detected(m, Format.MASK) for m in masks], protocol))
    packed = {"height": 3, "width": 2, "counts": b"11110"}  # runs 1 1 1 2 1; from the fourth on less the one two before
    assert [record["mask"] for record in records] == [packed] * 5


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_large_masks_stay_in_the_file_until_they_are_packed(protocol: int) -> None:
    """A mask beyond what is loaded inline is read where it lies, at every protocol."""
    mask = np.zeros((80, 100), np.uint8)
    mask[10:20, 30:35] = 1
    (record,) = read(dumped([detected(mask, Format.MASK)], protocol))[0]
    assert area_px2(record["mask"]) == 50


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_format_decides_not_the_shape_of_the_array(protocol: int) -> None:
    """A mask two pixels wide is a mask; points of every float type are a polygon."""
    narrow = np.array([[0, 1], [1, 0], [1, 1]], np.uint8)
    points = np.array(SQUARE)
    polygons = [points, points.astype(">f8"), np.asfortranarray(points)]
    items = [detected(narrow, Format.MASK), *(detected(p, Format.POLYGON) for p in polygons)]
    mask, *others = read(dumped(items, protocol))[0]
    assert mask["shape"] == "bitmask"
    assert [other["polygons"] for other in others] == [POLYGON] * 3


def test_long_polygons_are_read_where_they_lie() -> None:
    """A polygon of 1,000 points keeps them all, in order."""
    angle = np.linspace(0, 6, 1_000)
    points = np.stack([0.5 + 0.4 * np.cos(angle), 0.5 + 0.4 * np.sin(angle)], axis=1)
    (record,) = read(dumped([detected(points, Format.POLYGON)]))[0]
    ((ring,),) = record["polygons"]
    assert [(p["x"], p["y"]) for p in ring] == [tuple(p) for p in points.tolist()]


def test_numpy_numbers_are_numbers() -> None:
    """Confidence, frame and sides may be numpy's."""
    item = detected(box(x=np.float32(0.25)), confidence=np.float64(0.75), frame=np.int64(3))
    (record,) = read(dumped([item]))[0]
    assert (record["score"], record["frame"], record["bbox"]["x"]) == (0.75, 3, 0.25)


def test_objects_and_answers_may_stand_in_one_list() -> None:
    """A mixed list, which crashes Encord Active, gives both; rows keep their positions."""
    records, answers, _ = read(dumped([answered(), detected(box()), answered(frame=4)]))
    assert [record["source_row"] for record in records] == [1]
    assert [(row["source_row"], row["first_frame"], row["last_frame"]) for row in answers] == [(0, 0, 0), (2, 4, 4)]
    assert [answers[0][name] for name in ("feature_hash", "attribute_hash", "option_hash")] == ["f", "a", "o"]


def test_one_object_may_stand_in_a_list_twice() -> None:
    """A reference to an object is the object again."""
    item = detected(box())
    records, _, _ = read(dumped([item, detected(box(x=0.5)), item]))
    assert [record["bbox"]["x"] for record in records] == [0.1, 0.5, 0.1]


def test_an_empty_list_holds_nothing() -> None:
    """At every protocol."""
    assert [blocks(dumped([], protocol)) for protocol in range(6)] == [[]] * 6


def test_blocks_have_exactly_the_columns_of_records() -> None:
    """All of them, in order, with their types."""
    (block,) = blocks(dumped([detected(box()), answered(), 7]))
    assert block.records.schema.equals(RECORDS.schema)
    assert block.answers is not None
    assert block.answers.schema.equals(ANSWER_RECORDS.schema)


def test_rows_are_counted_through_parts() -> None:
    """A list longer than one part keeps its order and its positions."""
    items = [detected(box(x=k / 20_000)) for k in range(20_000)]
    found = blocks(dumped(items))
    assert len(found) > 1
    rows = [row for block in found for row in block.records.column("source_row").to_pylist()]
    assert rows == list(range(20_000))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_our_own_classes_are_read(protocol: int) -> None:
    """Every shape that `boxscore` offers comes back from a pickle."""
    item = {
        "bounding-box": boxscore.BoundingBox(x=0.1, y=0.2, w=0.3, h=0.4),
        "rotatable-bounding-box": boxscore.RotatableBoundingBox(x=0.1, y=0.2, w=0.3, h=0.4, theta=0),
        "mask": np.eye(2, dtype=np.uint8),
        "bitmask": boxscore.Bitmask(height=2, width=2, counts="04"),
        "polygon": SQUARE,
        "polyline": boxscore.Polyline(points=SQUARE[:2]),
        "keypoint": boxscore.Keypoint(x=0.5, y=0.25),
        "skeleton": boxscore.Skeleton(points=[boxscore.Keypoint(x=0.5, y=0.25, visibility=1, name="nose")]),
    }
    items = [
        boxscore.Prediction(
            data_hash=UNIT, confidence=0.5, object=boxscore.ObjectDetection(format=form, data=data, feature_hash=CLASS)
        )
        for form, data in item.items()
    ]
    records, _, rejects = read(pickle.dumps(items, protocol))
    assert rejects == []
    found = {record["shape"]: record for record in records}
    assert found["bounding_box"]["bbox"] == CORNER
    assert found["rotatable_bounding_box"]["rotated_bbox"] == {**CORNER, "theta": 0.0}
    assert found["polygon"]["polygons"] == POLYGON
    assert found["polyline"]["polyline"] == POLYGON[0][0][:2]
    assert found["point"]["keypoints"] == [{"x": 0.5, "y": 0.25, "visibility": 2, "name": None}]
    assert found["skeleton"]["keypoints"] == [{"x": 0.5, "y": 0.25, "visibility": 1, "name": "nose"}]
    assert [r["mask"]["counts"] for r in records if r["shape"] == "bitmask"] == [b"0120", b"04"]


@pytest.mark.parametrize(
    ("names", "head", "answer"),
    [
        (["a.pkl"], b"anything", True),
        (["a/b.PICKLE", "c.pkl"], b"", True),
        (["predictions"], b"\x80\x04\x95", True),
        (["predictions"], b"(lp0\n", True),
        (["predictions"], b"]q\x00(", True),
        (["predictions.json"], b'[{"image_id": 1}]', False),
        (["a.pkl", "b.txt"], b"car 0 0", False),
    ],
)
def test_pickles_are_recognised(names: list[str], head: bytes, answer: bool) -> None:
    """By their names, all of them, or by how the first begins."""
    assert FORMAT.recognise(names, head) is answer


def test_the_format_is_registered() -> None:
    """Under the name that the command line takes."""
    assert FORMATS["encord-pickle"] is FORMAT


MEASURED = """
import resource, sys
from pathlib import Path
from schemas.records import Inputs
from tasks.formats.encord_pickle import FORMAT
from tasks.running import serial
from tasks.storage import FileSource

def read(name):
    return sum(len(block.records) for block in FORMAT.read_predictions(Inputs([FileSource(Path(name))]), serial))

read(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(read(sys.argv[2]), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.slow
def test_masks_take_no_memory_but_their_own(tmp_path: Path) -> None:
    """A file of 400 MB of masks is read within 64 MB more than a file of one."""
    mask = np.zeros((2_000, 2_000), np.uint8)
    mask[100:200, 300:500] = 1
    for name, count in (("one", 1), ("many", 100)):
        (tmp_path / name).write_bytes(dumped([detected(mask.copy(), Format.MASK) for _ in range(count)]))
    command = [sys.executable, "-c", MEASURED, str(tmp_path / "one"), str(tmp_path / "many")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    count, grown_mb = map(int, done.stdout.split())
    assert count == 100
    assert grown_mb < 64
