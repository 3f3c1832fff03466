"""Label rows made by hand, and what is read from them, for tests."""

import json
from collections.abc import Iterator
from typing import Any

from schemas.parameters import ClassBy
from schemas.records import Block, Inputs, Source
from tasks.encord.label_row import Terms, read_label_row
from tasks.encord.row_json import read_row
from tasks.encord.row_texts import row_texts
from tasks.encord.taken import Taken
from tasks.formats.encord_json import read_predictions
from tasks.running import serial
from tests.coco_text import Text

Record = dict[str, Any]

GEOMETRY: dict[str, Record] = {
    "bounding_box": {"boundingBox": {"x": 0.1, "y": 0.2, "w": 0.3, "h": 0.4}},
    "rotatable_bounding_box": {"rotatableBoundingBox": {"x": 0.1, "y": 0.2, "w": 0.3, "h": 0.4, "theta": 30}},
    "polygon": {"polygon": {"0": {"x": 0.1, "y": 0.1}, "1": {"x": 0.5, "y": 0.1}, "2": {"x": 0.5, "y": 0.9}}},
    "polyline": {"polyline": {"0": {"x": 0.1, "y": 0.1}, "1": {"x": 0.5, "y": 0.25}}},
    "point": {"point": {"0": {"x": 0.25, "y": 0.75}}},
    "bitmask": {"bitmask": {"top": 0, "left": 0, "height": 2, "width": 3, "rleString": "132"}},
    "skeleton": {"skeleton": {"0": {"x": 0.1, "y": 0.2, "name": "A"}, "1": {"x": 0.3, "y": 0.4, "name": "B"}}},
}
"""Shape -> its key in an object. The bitmask is 1 pixel off, 3 on, 2 off."""


def thing(shape: str = "bounding_box", key: str = "obj00001", **fields: Any) -> Record:
    """An object of a frame."""
    own = {"name": "Cherry", "shape": shape, "objectHash": key, "featureHash": "cherry00", "confidence": 0.5}
    return {**own, **GEOMETRY.get(shape, {}), **fields}


def unit(labels: Any, **fields: Any) -> Record:
    """A data unit of 100 x 50 px."""
    own = {"data_title": "a.png", "data_type": "image/png", "data_sequence": 0, "width": 100, "height": 50}
    return {**own, "labels": labels, **fields}


def image(*objects: Any, **fields: Any) -> Record:
    """The row of an image whose unit is `unit-1`, and whose own hash is another."""
    units = {"unit-1": unit({"objects": list(objects), "classifications": []})}
    return {"label_hash": "l", "data_hash": "row-1", "data_type": "image", "data_units": units, **fields}


def video(frames: Record, **fields: Any) -> Record:
    """The row of a video `video-1` of 4 s at 25 frames a second; `frames` has objects by frame."""
    labels = {frame: {"objects": items, "classifications": []} for frame, items in frames.items()}
    units = {"video-1": unit(labels, data_title="v.mp4", data_duration=4.0, data_fps=25)}
    return {"label_hash": "l", "data_hash": "video-1", "data_type": "video", "data_units": units, **fields}


def group(*images: list[Any], **fields: Any) -> Record:
    """The row of a group `group-1` of images `image-0` and following, each with its objects; the last comes first."""
    units = {
        f"image-{k}": unit({"objects": items, "classifications": []}, data_sequence=str(k))
        for k, items in reversed(list(enumerate(images)))
    }
    return {"label_hash": "l", "data_hash": "group-1", "data_type": "img_group", "data_units": units, **fields}


def question(attribute: str, *options: str) -> Record:
    """An answered radio or checklist."""
    answers = [{"name": option, "value": option, "featureHash": option} for option in options]
    return {"name": attribute, "value": attribute, "featureHash": attribute, "answers": answers}


def answered(*questions: Any, **fields: Any) -> Record:
    """An entry of `classification_answers`, as the latest SDK writes it."""
    own = {"classificationHash": "c", "featureHash": "question", "confidence": 0.75, "range": [[0, 0]]}
    return {**own, "classifications": list(questions), **fields}


def source(*rows: Any, name: str = "rows.json") -> Text:
    """A file of these rows."""
    return Text(json.dumps(list(rows)), name)


def took(
    *rows: Any, predictions: bool = True, class_by: ClassBy = ClassBy.HASH, branch: str | None = None
) -> tuple[list[Record], list[Record], list[Record]]:
    """(records, answers, rejects) of label rows, whose numbers are those of the file without a gap."""
    taken = Taken("rows.json")
    terms = Terms(predictions, class_by, {}, branch)
    for row in row_texts(source(*rows)):
        read_label_row(read_row("rows.json", row), terms, taken)
    return sides(iter(taken.blocks()))


def sides(blocks: Iterator[Block]) -> tuple[list[Record], list[Record], list[Record]]:
    """(records, answers, rejects) of blocks, each in file order; every row of every block is one of them."""
    records: list[Record] = []
    answers: list[Record] = []
    rejects: list[Record] = []
    for block in blocks:
        assert block.answers is not None
        assert block.rows == len(block.records) + len(block.answers) + len(block.rejects)
        records += block.records.to_pylist()
        answers += block.answers.to_pylist()
        rejects += block.rejects.to_pylist()
    return records, answers, rejects


def read_file(*files: Source) -> tuple[list[Record], list[Record], list[Record]]:
    """(records, answers, rejects) of files of predictions."""
    return sides(read_predictions(Inputs(files), serial))


def reasons(rejects: list[Record]) -> list[str]:
    """The reason codes, in file order."""
    return [reject["reason_code"] for reject in rejects]


def numbered(*parts: list[Record]) -> bool:
    """Whether records, answers and rejects together are numbered from 0 on without a gap."""
    rows = sorted(row["source_row"] for part in parts for row in part)
    return rows == list(range(len(rows)))
