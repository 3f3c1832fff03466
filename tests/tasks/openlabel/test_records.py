"""Records of scenes: which unit, class, score and geometry each gets, and why some get none."""

import pytest

from schemas.rejects import Reason
from tests.tasks.openlabel.scenes import (
    Files,
    bitmap,
    document,
    entry,
    frame,
    only_reject,
    rejects_of,
    ring,
    rows_of,
)

CAR = {"bbox": [entry([4, 2, 2, 1])]}


def test_a_box_is_told_by_its_centre(files: Files) -> None:
    """Centre and size become corner and size, in pixels; the object's uid is the track, its type the class."""
    (row,) = rows_of(files.truth(document(frame(0, a={"bbox": [entry([4, 2, 2, 1])]}))).blocks)
    assert row["bbox"] == {"x": 3.0, "y": 1.5, "w": 2.0, "h": 1.0}
    assert (row["track_id"], row["source_category"], row["coordinates"], row["shape"]) == (
        "a",
        "car",
        "pixel",
        "bounding_box",
    )
    assert "score" not in row


def test_confidence_is_an_attribute(files: Files) -> None:
    """A prediction's score is its confidence, and 1 where it has none; scores beyond 1 are kept."""
    boxes = [entry([4, 2, 2, 1]), entry([4, 2, 2, 1], score=0.25), entry([4, 2, 2, 1], score=7)]
    assert [row["score"] for row in rows_of(files.predictions(document(frame(0, a={"bbox": boxes}))))] == [1.0, 0.25, 7]


def test_the_timestamp_wins_over_the_frame_id(files: Files) -> None:
    """Frame 0 with the timestamp of frame 1 lies on frame 1; without a timestamp the frame's id decides."""
    late, unsaid = frame(50, a=CAR), frame(None, a=CAR)
    words = [row["source_unit"] for row in rows_of(files.truth(document(late)).blocks)]
    words += [row["source_unit"] for row in rows_of(files.truth(document(frame(0), unsaid)).blocks)]
    assert words == ["5c3e/CAM/1@50"] * 2


def test_a_timestamp_may_be_text(files: Files) -> None:
    """The text of a whole number, and 50.0, are the timestamp 50; 50.5 is none."""
    for time in ("50", 50.0):
        assert rows_of(files.truth(document(frame(time, a=CAR))).blocks)[0]["source_unit"] == "5c3e/CAM/1@50"
    assert only_reject(files.truth(document(frame(50.5, a=CAR))).blocks) == Reason.WRONG_TYPE


def test_streams_are_units_of_their_own(files: Files) -> None:
    """One object on two streams is one record on each."""
    both = {"bbox": [entry([4, 2, 2, 1]), entry([3, 1, 2, 1], stream="REAR")]}
    rows = rows_of(files.truth(document(frame(0, a=both))).blocks)
    assert [(row["source_unit"], row["source_id"]) for row in rows] == [
        ("5c3e/CAM/0@0", "a/bbox"),
        ("5c3e/REAR/0@0", "a/bbox"),
    ]


def test_without_a_stream_the_only_one_is_meant(files: Files) -> None:
    """An entry without a stream lies on the scene's only one, and is refused where there are several."""
    scene = document(frame(0, a={"bbox": [entry([4, 2, 2, 1], stream=None)]}))
    alone = {"5c3e": {"streams": {"CAM": {"width": 8, "height": 4}}, "frames": [{"frame_id": 0, "timestamp": 0}]}}
    assert rows_of(files.truth(scene, manifest=alone).blocks)[0]["source_unit"] == "5c3e/CAM/0@0"
    assert only_reject(files.truth(scene).blocks) == Reason.MISSING_FIELD


def test_pieces_of_an_object_have_ids_of_their_own(files: Files) -> None:
    """Two boxes of one object on one image are told apart, so that both stay."""
    rows = rows_of(files.truth(document(frame(0, a={"bbox": [entry([4, 2, 2, 1]), entry([4, 2, 1, 1])]}))).blocks)
    assert [row["source_id"] for row in rows] == ["a/bbox", "a/bbox/2"]


def test_a_box_and_a_polygon_of_one_object_are_one_record(files: Files) -> None:
    """An object told by a box and an outline on one stream is counted once."""
    both = {"bbox": [entry([2, 2, 2, 2])], "poly2d": [ring(1, 1, 3, 1, 3, 3)]}
    (row,) = rows_of(files.truth(document(frame(0, a=both))).blocks)
    assert (row["shape"], row["bbox"]["x"], len(row["polygons"])) == ("polygon", 1.0, 1)


def test_a_point_is_one_keypoint(files: Files) -> None:
    """A `point2d` is a record of its own."""
    (row,) = rows_of(files.truth(document(frame(0, a={"point2d": [entry([3, 2])]}))).blocks)
    assert (row["shape"], row["keypoints"]) == ("point", [{"x": 3.0, "y": 2.0, "visibility": 2, "name": None}])


def test_cuboids_are_counted_and_said(files: Files) -> None:
    """What lies in space is a reject each, with frame and object; what says something about an object is no record."""
    data = {"cuboid": [entry([1.0] * 10), entry([1.0] * 10)], "text": [{"name": "colour", "val": "red"}], **CAR}
    blocks = list(files.truth(document(frame(0, a=data))).blocks)
    assert [code for code, _ in rejects_of(blocks)] == [Reason.UNSUPPORTED] * 2
    assert [row["shape"] for row in rows_of(blocks)] == ["bounding_box"]
    assert '"object": "a"' in blocks[0].rejects["record"][0].as_py()
    assert [block.rows for block in blocks] == [3]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"bbox": [entry([4, 2, 2])]}, Reason.INVALID_BOX),
        ({"bbox": [entry([4, 2, -2, 1])]}, Reason.INVALID_BOX),
        ({"bbox": [entry([4, 2, "2", 1])]}, Reason.WRONG_TYPE),
        ({"bbox": [entry([4, 2, True, 1])]}, Reason.WRONG_TYPE),
        ({"bbox": [entry([4, 2, float("nan"), 1])]}, Reason.NOT_FINITE),
        ({"bbox": [entry(None)]}, Reason.MISSING_FIELD),
        ({"bbox": [entry("4, 2")]}, Reason.WRONG_TYPE),
        ({"bbox": [7]}, Reason.NOT_AN_OBJECT),
        ({"bbox": 7}, Reason.WRONG_TYPE),
        ({"bbox": [entry([4, 2, 2, 1], score="high")]}, Reason.WRONG_TYPE),
        ({"bbox": [entry([4, 2, 2, 1], stream=7)]}, Reason.WRONG_TYPE),
        ({"point2d": [entry([1, 2, 3])]}, Reason.INVALID_KEYPOINTS),
        ({"poly2d": [ring(1, 1, 3, 1, 3)]}, Reason.INVALID_POLYGON),
        ({"poly2d": [ring(1, 1, 3, 1)]}, Reason.INVALID_POLYGON),
        ({"poly2d": [ring(1, 1, 3, 1, 3, 3, hole=True)]}, Reason.INVALID_POLYGON),
        ({"poly2d": [{**ring(1, 1, 3, 1, 3, 3), "mode": "MODE_POLY2D_SRF6DCC"}]}, Reason.UNSUPPORTED),
        ({"poly2d": [{**ring(1, 1, 3, 1, 3, 3), "closed": "yes"}]}, Reason.WRONG_TYPE),
        ({"hologram": [entry([1])]}, Reason.UNSUPPORTED),
        ("data", Reason.NOT_AN_OBJECT),
    ],
)
def test_damaged_records_are_refused_alone(data: object, code: Reason, files: Files) -> None:
    """Each has its reason, and the sound box beside it goes in."""
    blocks = files.predictions(document(frame(0, bad=data, good=CAR)))
    assert [found for found, _ in rejects_of(blocks)] == [code]
    assert [row["track_id"] for row in rows_of(blocks)] == ["good"]


def test_a_dangling_object_key_is_a_reject(files: Files) -> None:
    """A uid that `objects` lacks has no class; so does an object without a type."""
    for classes in ({"a": None}, {"a": 7}, {"a": ""}):
        blocks = list(files.truth(document(frame(0, a=CAR, b=CAR), classes=classes)).blocks)
        assert len(rejects_of(blocks)) == 1
        assert [row["track_id"] for row in rows_of(blocks)] == ["b"]


def test_names_that_no_table_can_hold_are_refused(files: Files) -> None:
    """A uid with a NUL, and a class with half a surrogate pair, are rejects."""
    for uid, classes in (("a\0", {}), ("a", {"a": "\ud800"})):
        blocks = list(files.truth(document(frame(0, **{uid: CAR}), classes=classes)).blocks)
        assert only_reject(blocks) == Reason.WRONG_TYPE


def test_frames_and_streams_nobody_knows(files: Files) -> None:
    """A box on an unknown frame keeps a word that says what was looked for; a bitmap needs a size and is refused."""
    (row,) = rows_of(files.truth(document(frame(75, a=CAR))).blocks)
    assert row["source_unit"] == "5c3e/CAM/0@75"
    assert only_reject(files.truth(document(frame(75, a={"image": [bitmap([[7] * 8] * 4)]}))).blocks) == (
        Reason.UNKNOWN_UNIT
    )


@pytest.mark.parametrize("stated", [7, [], {"objects": 7}, {"objects": []}])
def test_a_frame_that_is_none_is_one_reject(stated: object, files: Files) -> None:
    """A frame, or its objects, of the wrong kind is one record that is refused."""
    assert only_reject(files.truth(document(frame(0), stated)).blocks) == Reason.NOT_AN_OBJECT


def test_an_empty_scene_holds_nothing(files: Files) -> None:
    """No frames, a frame without objects, an object without geometry: no records and no rejects."""
    empty = {"frame_properties": {"timestamp": 0}}
    for scene in (document(), document(empty), document(frame(0, a={}))):
        assert [block.rows for block in files.truth(scene).blocks] == []
