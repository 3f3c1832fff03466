"""Ground truth of label rows: units, classes and branches, gathered before what is labelled."""

import json
from typing import Any

import pytest

from schemas.errors import InputError
from schemas.records import GroundTruthInput, Inputs
from tasks.encord.truth import read_truth
from tasks.running import serial
from tests.coco_text import Text
from tests.encord_rows import answered, group, image, question, reasons, sides, source, thing, unit, video

RED = question("colour", "red")


def truth(*rows: Any, **aside: Text) -> GroundTruthInput:
    """A file of these rows as ground truth."""
    return read_truth(Inputs([source(*rows)], aside), serial)


def units(read: GroundTruthInput) -> list[tuple[Any, ...]]:
    """(hash, frame, sequence) of each unit."""
    return [(row["data_hash"], row["frame"], row["sequence_hash"]) for row in read.units.to_pylist()]


def test_images_are_units_of_their_rows() -> None:
    """The unit's hash is its name, the row's is its sequence."""
    (row,) = truth(image()).units.to_pylist()
    assert (row["data_hash"], row["source_id"], row["sequence_hash"]) == ("unit-1", "unit-1", "row-1")
    assert (row["title"], row["kind"], row["width"], row["height"]) == ("a.png", "image", 100, 50)


def test_videos_have_the_frames_that_duration_and_rate_make() -> None:
    """Or as many as are labelled, where that is more, or where neither is stated."""
    assert units(truth(video({"3": []}))) == [("video-1", k, "video-1") for k in range(100)]
    assert len(units(truth(video({"103": []})))) == 104
    bare = unit({"7": {}}, data_duration=None)
    assert len(units(truth(video({}, data_units={"v": bare})))) == 8
    assert len(units(truth(video({}, data_units={"v": unit({}, data_duration=None)})))) == 1


def test_groups_stand_in_their_own_order() -> None:
    """Whatever order the row has them in."""
    assert units(truth(image(), group([], []))) == [
        ("unit-1", 0, "row-1"), ("image-0", 0, "group-1"), ("image-1", 1, "group-1"),
    ]  # fmt: skip


def test_a_unit_is_there_once() -> None:
    """However many rows speak of it; a video with all frames that one of them labels."""
    rows = [image(), image(), video({"3": []}), video({"120": []})]
    assert len(units(truth(*rows))) == 1 + 121


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (image(data_units={"u": unit({}, width=None)}), "missing_field"),
        (image(data_units={"u": unit({}, height=0)}), "out_of_range"),
        (image(data_units={"u": unit({}, width="100")}), "wrong_type"),
        (image(data_units={"u": unit({}, data_title=3)}), "wrong_type"),
        (video({}, data_units={"u": unit({}, data_duration=1e300, data_fps=25)}), "out_of_range"),
        (video({}, data_units={"u": unit({}, data_duration=-1, data_fps=25)}), "wrong_type"),
        (video({}, data_units={"u": unit({}, data_duration=1, data_fps="25")}), "wrong_type"),
        (group([], data_units={"u": unit({}, data_sequence="x")}), "wrong_type"),
        (group([], data_hash=None), "missing_field"),
        (image(data_units={"u": unit({}, data_title="\ud800")}), "wrong_type"),
    ],
)
def test_a_unit_of_unknown_size_or_place_is_rejected(row: Any, code: str) -> None:
    """Counted apart from the records; other units are taken."""
    read = truth(row, image())
    rejects = read.rejects.to_pylist()
    assert (reasons(rejects), rejects[0]["source_file"]) == ([code], "rows.json#/data_units")
    assert units(read) == [("unit-1", 0, "row-1")]


def test_a_file_without_units_is_none() -> None:
    """Even if it is a list of objects."""
    for content in ("[]", "[{}]", '[{"image_id": 1}]'):
        with pytest.raises(InputError, match="no label row with a data unit"):
            read_truth(Inputs([Text(content)]), serial)


def test_units_given_beside_the_rows_win() -> None:
    """Those that only the rows have are added."""
    stated = [{"data_hash": "video-1", "data_type": "video", "width": 9, "height": 9, "frames": 2}]
    read = truth(video({}), image(), data_units=Text(json.dumps(stated)))
    assert units(read) == [("video-1", 0, "video-1"), ("video-1", 1, "video-1"), ("unit-1", 0, "row-1")]


def test_classes_are_gathered_from_rows() -> None:
    """Objects with their attributes, then classifications; a class of several shapes states none."""
    row = image(
        thing(), thing("point", "other"), thing("skeleton", "third", featureHash="hand", name="Hand"),
        classification_answers={"c": answered(question("many", "a", "b"), {**RED, "answers": "text"})},
        object_answers={"other": {"classifications": [RED]}},
        object_actions={"third": {"actions": [{**question("bent", "yes"), "range": [[0, 0]]}]}},
    )  # fmt: skip
    names = ("kind", "feature_hash", "attribute_hash", "option_hash", "shape", "answer_type", "dynamic", "parent_row")
    found = [tuple(row[name] for name in names) for row in truth(row).categories.to_pylist()]
    assert found == [
        ("object", "cherry00", None, None, None, None, None, None),
        ("attribute", "cherry00", "colour", None, None, "radio", False, 0),
        ("option", "cherry00", "colour", "red", None, None, None, 1),
        ("object", "hand", None, None, "skeleton", None, None, None),
        ("attribute", "hand", "bent", None, None, "radio", True, 3),
        ("option", "hand", "bent", "yes", None, None, None, 4),
        ("classification", "question", None, None, None, None, None, None),
        ("attribute", "question", "many", None, None, "checklist", False, 6),
        ("option", "question", "many", "a", None, None, None, 7),
        ("option", "question", "many", "b", None, None, None, 7),
        ("attribute", "question", "colour", None, None, "text", False, 6),
    ]


def test_damaged_objects_name_no_class() -> None:
    """They are rejected, and so is what cannot be told apart."""
    rows = [
        image(thing(featureHash="x", boundingBox=None), "object", thing(featureHash=None)),
        image(classification_answers={"c": 3}), image(object_answers=3), image(data_type="dicom"),
        image(classification_answers={"c": answered({**RED, "answers": 3.5}, {**RED, "answers": None})}),
    ]  # fmt: skip
    found = [(row["kind"], row["feature_hash"], row["answer_type"]) for row in truth(*rows).categories.to_pylist()]
    assert found == [("classification", "question", None), ("attribute", "question", "text")]


def test_only_main_is_ground_truth_where_it_stands_beside_others() -> None:
    """Rows of one other branch alone are."""
    rows = [image(thing(), branch_name="main"), image(thing(), branch_name="model")]
    records, _, rejects = sides(truth(*rows).blocks)
    assert (len(records), reasons(rejects)) == (1, ["unsupported"])
    assert len(sides(truth(rows[1]).blocks)[0]) == 1
