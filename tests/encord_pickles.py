"""Pickles as Encord Active leaves them, made without it: pydantic's state, under the modules and names it has there."""

import pickle
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import Enum
from types import ModuleType
from typing import Any

from schemas.records import Block, Inputs, Source
from tasks.formats.encord_pickle import FORMAT
from tasks.running import serial
from tests.coco_text import Text

LIB = "encord_active.lib.db.predictions"
APP = "encord_active.app.db.predictions"
UNIT, CLASS = "2b343fd2-d3e9-573b-8427-89b1be7ac643", "OTk2MzM3"

Record = dict[str, Any]


class _Model:
    """State as of pydantic v1."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)

    def __getstate__(self) -> Record:
        return {"__dict__": self.__dict__, "__fields_set__": set(self.__dict__), "__private_attribute_values__": {}}


class Prediction(_Model):
    """Named as Encord Active's."""


class ObjectDetection(_Model):
    """Named as Encord Active's."""


class FrameClassification(_Model):
    """Named as Encord Active's."""


class BoundingBox(_Model):
    """Named as Encord Active's."""


class Format(str, Enum):  # noqa: UP042 - as Encord Active's
    """Named as Encord Active's."""

    BOUNDING_BOX = "bounding-box"
    MASK = "mask"
    POLYGON = "polygon"


_CLASSES = (Prediction, ObjectDetection, FrameClassification, BoundingBox, Format)


@contextmanager
def _named(module: str) -> Iterator[None]:
    """Let the classes above be found, and call themselves, under `module`."""
    parts = module.split(".")
    names = [".".join(parts[: k + 1]) for k in range(len(parts))]
    made = {name: ModuleType(name) for name in names}
    before = {name: sys.modules.get(name) for name in names}
    for kind in _CLASSES:
        setattr(made[module], kind.__name__, kind)
        kind.__module__ = module
    sys.modules.update(made)
    try:
        yield
    finally:
        for name, found in before.items():
            sys.modules.pop(name) if found is None else sys.modules.update({name: found})
        for kind in _CLASSES:
            kind.__module__ = __name__


def dumped(items: Any, protocol: int = 4, module: str = LIB) -> bytes:
    """`items` pickled as if the classes were those of `module`."""
    with _named(module):
        return pickle.dumps(items, protocol)


def box(**changes: Any) -> BoundingBox:
    """A box, some of its fields changed."""
    return BoundingBox(**{"x": 0.1, "y": 0.2, "h": 0.4, "w": 0.3, "theta": 0.0, **changes})


def detected(data: Any, form: Any = Format.BOUNDING_BOX, **changes: Any) -> Prediction:
    """A nested prediction of an object; `changes` are those of the prediction."""
    found = ObjectDetection(format=form, data=data, feature_hash=CLASS, track_id=None)
    fields = {"data_hash": UNIT, "frame": 0, "confidence": 0.5, "object": found, "classification": None}
    return Prediction(**{**fields, **changes})


def flat(data: Any, form: Any = Format.BOUNDING_BOX, **changes: Any) -> Prediction:
    """A prediction of the older generations."""
    fields = {"data_hash": UNIT, "frame": 0, "class_id": CLASS, "confidence": 0.5, "format": form, "data": data}
    return Prediction(**{**fields, "track_id": None, **changes})


def answered(**changes: Any) -> Prediction:
    """A prediction of an answer."""
    answer = FrameClassification(feature_hash="f", attribute_hash="a", option_hash="o")
    fields = {"data_hash": UNIT, "frame": 0, "confidence": 0.5, "object": None, "classification": answer}
    return Prediction(**{**fields, **changes})


def blocks(*sources: Source | bytes) -> list[Block]:
    """What the format reads from files, or from their content."""
    files = [Text(source, "predictions.pkl") if isinstance(source, bytes) else source for source in sources]
    assert FORMAT.read_predictions is not None
    return list(FORMAT.read_predictions(Inputs(files), serial))


def given(record: Record) -> Record:
    """What of a row is there, but where it came from."""
    return {name: value for name, value in record.items() if value is not None and name not in {"source_file"}}


def read(*sources: Source | bytes) -> tuple[list[Record], list[Record], list[Record]]:
    """(records, answers, rejects) of files, after a look at the books."""
    found = blocks(*sources)
    records = [given(row) for block in found for row in block.records.to_pylist()]
    answers = [given(row) for block in found if block.answers is not None for row in block.answers.to_pylist()]
    rejects = [given(row) for block in found for row in block.rejects.to_pylist()]
    assert sum(block.rows for block in found) == len(records) + len(answers) + len(rejects)
    return records, answers, rejects


def refused(items: Iterable[Any], protocol: int = 4) -> list[tuple[str, str]]:
    """(reason code, reason) of the items of one list, each rejected while the one beside it is taken."""
    listed = [each for item in items for each in (item, detected(box()))]
    records, answers, rejects = read(dumped(listed, protocol))
    assert answers == []
    assert [record["source_row"] for record in records] == [*range(1, len(listed), 2)]
    assert [reject["source_row"] for reject in rejects] == [*range(0, len(listed), 2)]
    assert {reject["stage"] for reject in rejects} == {"ingest"}
    return [(reject["reason_code"], reject["reason"]) for reject in rejects]
