"""One label row: what becomes of each of its parts, and of each that is damaged."""

import json
import math
from typing import Any

import pytest

from schemas.parameters import ClassBy
from tests.encord_rows import (
    answered,
    group,
    image,
    numbered,
    question,
    read_file,
    reasons,
    source,
    thing,
    took,
    unit,
    video,
)

RED, BLUE = question("colour", "red"), question("colour", "blue")


def test_an_object_says_where_it_is_and_what() -> None:
    """By its unit's hash, which may differ from its row's."""
    (record,), _, _ = took(image(thing()))
    assert (record["source_unit"], record["frame"], record["source_category"]) == ("unit-1", 0, "cherry00")
    assert (record["track_id"], record["source_id"], record["score"]) == ("obj00001", "obj00001", 0.5)


def test_frames_of_a_video_are_their_keys() -> None:
    """One object's hash over several frames is a track, each with its own confidence."""
    records, _, _ = took(video({"7": [thing(confidence=0.9)], "10": [thing(confidence=0.1)]}))
    assert [(r["source_unit"], r["frame"], r["score"]) for r in records] == [("video-1", 7, 0.9), ("video-1", 10, 0.1)]
    assert {record["track_id"] for record in records} == {"obj00001"}


def test_images_of_a_group_are_their_own_units() -> None:
    """With their place in the group as frame, whatever order they are written in."""
    records, _, _ = took(group([thing()], [], [thing()]))
    assert [(record["source_unit"], record["frame"]) for record in records] == [("image-2", 2), ("image-0", 0)]


def test_ground_truth_needs_no_confidence() -> None:
    """And has no score, whatever it says."""
    (record, other), _, rejects = took(image(thing(), thing(confidence=None)), predictions=False)
    assert (record["score"], other["score"], rejects) == (None, None, [])


def test_classes_go_by_name_when_asked() -> None:
    """A hash is not needed then."""
    (record,), _, _ = took(image(thing(featureHash=None)), class_by=ClassBy.NAME)
    assert record["source_category"] == "Cherry"


BAD_OBJECTS: list[tuple[Any, str]] = [
    (thing(confidence=None), "missing_field"),
    (thing(confidence=1.5), "out_of_range"),
    (thing(confidence=-0.1), "out_of_range"),
    (thing(confidence="0.5"), "wrong_type"),
    (thing(confidence=True), "wrong_type"),
    (thing(confidence=math.nan), "not_finite"),
    (thing(featureHash=None), "missing_field"),
    (thing(featureHash=7), "wrong_type"),
    (thing(featureHash="a\0"), "wrong_type"),
    (thing(name="\ud800"), "wrong_type"),
    (thing(objectHash=7), "wrong_type"),
    (thing("hexagon"), "unknown_shape"),
    (thing("bitmask", bitmask={"height": 2, "width": 3, "rleString": "13"}), "invalid_mask"),
    (thing("polygon", polygon=[{"x": 0, "y": 0}]), "invalid_polygon"),
    (thing(boundingBox={"x": math.inf, "y": 0, "w": 1, "h": 1}), "not_finite"),
    ("object", "wrong_type"),
    (None, "wrong_type"),
]


@pytest.mark.parametrize(("bad", "code"), BAD_OBJECTS)
def test_a_damaged_object_is_rejected_alone(bad: Any, code: str) -> None:
    """Its neighbours are taken, and the numbers of the rows have no gap."""
    records, answers, rejects = took(image(thing(), bad, thing()))
    assert (len(records), answers, reasons(rejects)) == (2, [], [code])
    assert (rejects[0]["source_row"], rejects[0]["stage"]) == (1, "ingest")
    assert numbered(records, rejects)


def test_a_reject_shows_the_record() -> None:
    """As it came, NaN too."""
    _, _, rejects = took(image(thing(confidence=math.nan)))
    assert math.isnan(json.loads(rejects[0]["record"])["confidence"])


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({}, "missing_field"),
        (image(data_type=None), "missing_field"),
        (image(data_type="dicom"), "unsupported_data_type"),
        (image(data_type=3), "wrong_type"),
        (image(data_units=None), "wrong_type"),
        (image(data_units={}), "missing_field"),
        (image(data_units={"a\0": unit({})}), "wrong_type"),
        (image(data_units={"a": 3}), "wrong_type"),
        (image(data_units={"a": unit({"objects": {}})}), "wrong_type"),
        (image(data_units={"a": unit([])} | {"b": unit([3])}), "wrong_type"),
        (video({"x": []}), "wrong_type"),
        (video({"-1": []}), "wrong_type"),
        (video({"10000000": []}), "out_of_range"),
        (group([], data_units={"a": unit({}, data_sequence="first")}), "wrong_type"),
        (group([], data_units={"a": unit({}, data_sequence=None)}), "missing_field"),
        (image(object_answers=[1]), "wrong_type"),
        (image(classification_answers={"c": 1}), "wrong_type"),
        (image(spaces={"s": {"labels": {}}}), "unsupported"),
    ],
)
def test_a_damaged_part_is_one_reject(row: Any, code: str) -> None:
    """Of a row, a unit, a frame or a section; the next row is taken."""
    records, _, rejects = took(row, image(thing()))
    assert (len(records), reasons(rejects)) == (1, [code])
    assert numbered(records, rejects)


def test_answers_with_ranges() -> None:
    """An answer row for every option and range: of images of a group one by one, of a video whole."""
    both = question("fruit", "apple", "kiwi")
    _, answers, _ = took(video({}, classification_answers={"c": answered(both, range=[[3, 5], [9, 9]])}))
    found = [(a["source_unit"], a["first_frame"], a["last_frame"], a["option_hash"], a["score"]) for a in answers]
    assert found == [
        ("video-1", 3, 5, "apple", 0.75), ("video-1", 3, 5, "kiwi", 0.75),
        ("video-1", 9, 9, "apple", 0.75), ("video-1", 9, 9, "kiwi", 0.75),
    ]  # fmt: skip
    _, answers, _ = took(group([], [], [], classification_answers={"c": answered(RED, range=[[1, 2]])}))
    assert [(a["source_unit"], a["first_frame"], a["last_frame"]) for a in answers] == [
        ("image-1", 1, 1), ("image-2", 2, 2),
    ]  # fmt: skip


def entry(key: str = "c", confidence: float | None = 0.5) -> dict[str, Any]:
    """A frame's entry of a classification, as older SDKs write it."""
    return {"name": "colour", "featureHash": "question", "classificationHash": key, "confidence": confidence}


def older(frames: dict[int, Any], **fields: Any) -> dict[str, Any]:
    """The row of a video with entries of a classification on these frames."""
    labels = {str(frame): {"objects": [], "classifications": [item]} for frame, item in frames.items()}
    answer = {"classificationHash": "c", "classifications": [RED]}
    return video({}, data_units={"video-1": unit(labels)}, classification_answers={"c": answer}, **fields)


def test_answers_joined_by_hash() -> None:
    """Neighbouring frames of equal confidence are one range, in order of frames; the class is the entries'."""
    frames = {4: entry(), 3: entry(), 9: entry(), 5: entry(confidence=0.25)}
    _, answers, rejects = took(older(frames))
    found = [(a["first_frame"], a["last_frame"], a["score"], a["feature_hash"]) for a in answers]
    assert found == [(3, 4, 0.5, "question"), (5, 5, 0.25, "question"), (9, 9, 0.5, "question")]
    assert rejects == []


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (entry("unknown"), "missing_field"),
        (entry(confidence=None), "missing_field"),
        (entry(confidence=2.0), "out_of_range"),
        ({**entry(), "classificationHash": None}, "missing_field"),
        (7, "wrong_type"),
    ],
)
def test_a_damaged_entry_is_rejected_alone(bad: Any, code: str) -> None:
    """The answer holds for the other frames."""
    _, answers, rejects = took(older({3: entry(), 4: bad}))
    assert [(a["first_frame"], a["last_frame"]) for a in answers] == [(3, 3)]
    assert reasons(rejects) == [code]


BAD_ANSWERS: list[tuple[Any, str]] = [
    (answered(RED, range=[]), "missing_frame"),
    (answered(RED, range=None), "missing_frame"),
    (answered(RED, range=[[0]]), "wrong_type"),
    (answered(RED, range=[[1, 0]]), "out_of_range"),
    (answered(RED, range=[[-1, 0]]), "out_of_range"),
    (answered(RED, range=[[0, 1]]), "unknown_frame"),
    (answered(RED, featureHash=None), "missing_field"),
    (answered(RED, confidence=None), "missing_field"),
    (answered(RED, confidence=1.01), "out_of_range"),
    (answered({**RED, "featureHash": None}), "missing_field"),
    (answered({**RED, "answers": None}), "wrong_type"),
    (answered({**RED, "answers": [{"name": "red"}]}), "missing_field"),
    (answered({**RED, "answers": "a\0"}), "wrong_type"),
    (answered(3), "wrong_type"),
]


@pytest.mark.parametrize(("bad", "code"), BAD_ANSWERS)
def test_a_damaged_answer_is_rejected_alone(bad: Any, code: str) -> None:
    """The other answers of the row are taken."""
    row = image(classification_answers={"a": answered(RED), "b": bad, "c": answered(BLUE)})
    records, answers, rejects = took(row)
    assert [answer["option_hash"] for answer in answers] == ["red", "blue"]
    assert (records, reasons(rejects)) == ([], [code])
    assert numbered(answers, rejects)


def test_texts_and_numbers_are_answers() -> None:
    """An option left open is none."""
    open_ended: tuple[Any, ...] = ("écrit", "", 3, [])
    texts = [{**RED, "answers": text} for text in open_ended]
    _, answers, rejects = took(image(classification_answers={"c": answered(*texts)}))
    assert [(answer["text"], answer["option_hash"]) for answer in answers] == [("écrit", None), ("", None), ("3", None)]
    assert rejects == []


def test_static_attributes_hold_for_all_frames_of_the_object() -> None:
    """From its first frame to its last; of a group for each of its images."""
    answers_of = {"obj00001": {"objectHash": "obj00001", "classifications": [RED]}}
    _, answers, _ = took(video({"9": [thing()], "4": [thing()]}, object_answers=answers_of))
    assert [(a["first_frame"], a["last_frame"], a["track_id"], a["feature_hash"], a["score"]) for a in answers] == [
        (4, 9, "obj00001", "cherry00", None)
    ]
    _, answers, _ = took(group([thing()], [], [thing()], object_answers=answers_of))
    assert sorted((a["source_unit"], a["first_frame"]) for a in answers) == [("image-0", 0), ("image-2", 2)]


def test_dynamic_attributes_have_ranges_of_their_own() -> None:
    """Each action is an answer."""
    actions = [{**RED, "range": [[4, 5], [7, 7]]}, {**BLUE, "range": [[6, 6]]}, {**BLUE, "range": None}]
    row = video({"4": [thing()]}, object_actions={"obj00001": {"actions": actions}})
    _, answers, rejects = took(row)
    assert [(a["option_hash"], a["first_frame"], a["last_frame"]) for a in answers] == [
        ("red", 4, 5), ("red", 7, 7), ("blue", 6, 6),
    ]  # fmt: skip
    assert reasons(rejects) == ["missing_frame"]


def test_attributes_of_an_object_that_is_nowhere() -> None:
    """Are rejected; without attributes there is nothing to reject."""
    _, answers, rejects = took(image(object_answers={"x": {"classifications": [RED]}, "y": {"classifications": []}}))
    assert (answers, reasons(rejects)) == ([], ["missing_frame"])


def test_audio_has_answers_but_no_objects() -> None:
    """Ranges are ms; an object is rejected once, with its attributes."""
    labels = unit({}, data_type="audio/mpeg", width=None, height=None)
    row = image(
        data_type="audio",
        data_units={"sound": labels},
        classification_answers={"c": answered(RED, range=[[1500, 90_000]])},
        object_answers={"o": {"objectHash": "o", "featureHash": "bird", "range": [[0, 10]], "classifications": [RED]}},
    )
    _, answers, rejects = took(row)
    assert [(a["source_unit"], a["first_frame"], a["last_frame"]) for a in answers] == [("sound", 1500, 90_000)]
    assert reasons(rejects) == ["unsupported_data_type"]
    framed = image(data_type="audio", data_units={"sound": unit({"objects": [thing()]})})
    assert reasons(took({**framed, "object_answers": {"obj00001": {"classifications": []}}})[2]) == [
        "unsupported_data_type"
    ]


def test_rows_of_another_branch_are_refused_where_one_is_meant() -> None:
    """Rows that state no branch are of every branch."""
    rows = [image(thing(), branch_name="main"), image(thing(), branch_name="other"), image(thing())]
    records, _, rejects = took(*rows, branch="main")
    assert (len(records), reasons(rejects)) == (2, ["unsupported"])
    assert len(took(*rows)[0]) == 3


def test_text_no_table_can_hold_is_found_in_every_part() -> None:
    """Half a surrogate pair as a hash or in a text spoils its record, and nothing else."""
    half = "\udc00"
    row = image(
        thing(),
        object_answers={half: {"classifications": [RED]}},
        classification_answers={"c": answered({**RED, "answers": half}), "d": answered(RED)},
    )
    records, answers, rejects = read_file(source(row))
    assert (len(records), len(answers), reasons(rejects)) == (1, 1, ["wrong_type", "wrong_type"])
