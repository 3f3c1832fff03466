"""Loaded predictions as columns: work per field, not per record, since there may be millions."""

from collections.abc import Callable, Sequence
from types import NoneType
from typing import Any

import pyarrow as pa

from schemas.rejects import Reason
from tasks.encord.pickles.raw import BOX, RAW, RUN_LENGTHS, TEXTS
from tasks.encord.pickles.standins import (
    Bitmask,
    BoundingBox,
    FrameClassification,
    Keypoint,
    NDArray,
    ObjectDetection,
    Payload,
    Polyline,
    Prediction,
    Skeleton,
)

Row = dict[str, Any]
_NOTHING: Row = {}
_ARRAYS = frozenset({"mask", "polygon", "polyline"})
_LONGEST_TEXT = 1_000
_SHOWN = 60


class _Faults:
    """The first thing wrong with each row."""

    def __init__(self) -> None:
        self.found: dict[int, tuple[str, str]] = {}

    def add(self, row: int, code: Reason, text: str) -> None:
        self.found.setdefault(row, (str(code), text))

    def column(self, rows: int, part: int) -> pa.Array:
        return pa.array([self.found[row][part] if row in self.found else None for row in range(rows)], pa.string())


def _shown(value: Any) -> str:
    """A value in a message, without asking it to describe itself at length."""
    if type(value) in (str, int, float, bool, NoneType):
        text = repr(value)
        return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    if type(value) is Payload:
        return "a long text or bytes"
    return "an array" if type(value) is NDArray else f"a {type(value).__name__}"


def _values(rows: Sequence[Row], name: str, wanted: type, faults: _Faults, other: Callable[..., Any]) -> list[Any]:
    """A field of all rows; what is not of the type `wanted` is given to `other`, which converts it or finds fault."""
    values = [row.get(name) for row in rows]
    kinds = set(map(type, values))
    if kinds <= {wanted} or (kinds == {NoneType} and not any(rows)):
        return values
    return [
        value if type(value) is wanted else other(value, name, row, faults, rows[row])
        for row, value in enumerate(values)
    ]


def _missing(name: str, row: int, faults: _Faults, fields: Row) -> None:
    """Find fault with a field that is not there, unless nothing is: that is said elsewhere."""
    if fields:
        faults.add(row, Reason.MISSING_FIELD, f"{name} is missing")


def _no_text(value: Any, name: str, row: int, faults: _Faults, fields: Row) -> None:
    if value is None:
        _missing(name, row, faults, fields)
    else:
        faults.add(row, Reason.WRONG_TYPE, f"{name} is {_shown(value)}; it must be a text")


def _number(value: Any, name: str, row: int, faults: _Faults, fields: Row) -> float | None:
    if type(value) is int:
        return float(value)
    if value is not None:
        faults.add(row, Reason.WRONG_TYPE, f"{name} is {_shown(value)}; it must be a number")
    elif name != "theta":
        _missing(name, row, faults, fields)
    return None


def _frame(value: Any, name: str, row: int, faults: _Faults, fields: Row) -> int | None:
    if value is not None:
        faults.add(row, Reason.WRONG_TYPE, f"{name} is {_shown(value)}; it must be a whole number")
    return None


def _track(value: Any, name: str, row: int, faults: _Faults, fields: Row) -> str | None:
    if type(value) is int:
        return str(value)
    if value is not None:
        faults.add(row, Reason.WRONG_TYPE, f"{name} is {_shown(value)}; it must be a text or a whole number")
    return None


def _texts(values: list[Any], name: str, faults: _Faults) -> pa.Array:
    """A column of texts; those that no column can hold, or that hold NUL, are refused."""
    try:
        column = pa.array(values, pa.string())
        if not any("\0" in value or len(value) > _LONGEST_TEXT for value in set(values) if value is not None):
            return column
    except UnicodeEncodeError:
        pass
    return pa.array([_sound(value, name, row, faults) for row, value in enumerate(values)], pa.string())


def _sound(value: str | None, name: str, row: int, faults: _Faults) -> str | None:
    if value is None:
        return None
    if "\0" not in value and len(value) <= _LONGEST_TEXT and value.isprintable():
        return value
    whole = value.encode("utf-8", "replace").decode()
    if whole != value or "\0" in value or len(value) > _LONGEST_TEXT:
        faults.add(
            row, Reason.WRONG_TYPE, f"{name} holds NUL or half a surrogate pair, or is over {_LONGEST_TEXT} long"
        )
        return None
    return value


def _fields(items: Sequence[Any], faults: _Faults) -> list[Row]:
    """The fields of each item; none, and a fault, where it is no prediction."""
    try:
        if {Prediction}.issuperset(map(type, items)):
            return [item.fields for item in items]
    except AttributeError:
        pass  # one was never given a state
    found = []
    for row, item in enumerate(items):
        whole = type(item) is Prediction and hasattr(item, "fields")
        if not whole:
            faults.add(row, Reason.NOT_AN_OBJECT, f"{_shown(item)} where a Prediction must stand")
        found.append(item.fields if whole else _NOTHING)
    return found


def _things(fields: Sequence[Row], faults: _Faults) -> tuple[list[Row], list[Row]]:
    """(detection, classification) of each prediction: one of them without fields."""
    detections, classifications = [_NOTHING] * len(fields), [_NOTHING] * len(fields)
    for row, given in enumerate(fields):
        detection, classification = given.get("object"), given.get("classification")
        if classification is None:
            if type(detection) is ObjectDetection:
                detections[row] = getattr(detection, "fields", _NOTHING)
            elif "class_id" in given:  # flat, as written by Encord Active to 0.1.31
                detections[row] = {**given, "feature_hash": given["class_id"]}
            elif given:
                faults.add(row, Reason.NO_GEOMETRY, "neither an object nor a classification")
        elif detection is not None or "class_id" in given:
            faults.add(row, Reason.UNSUPPORTED, "an object and a classification both; make two predictions of it")
        elif type(classification) is FrameClassification:
            classifications[row] = getattr(classification, "fields", _NOTHING)
        else:
            faults.add(row, Reason.WRONG_TYPE, f"classification is {_shown(classification)}")
    return detections, classifications


class _Shapes:
    """What was detected, by kind of geometry."""

    def __init__(self, rows: int) -> None:
        self.boxes: list[Row] = [_NOTHING] * rows
        self.arrays: dict[int, Row] = {}
        self.points: dict[int, list[Row]] = {}


def _shapes(detections: Sequence[Row], formats: Sequence[str | None], faults: _Faults) -> _Shapes:
    """Sort the data by what `format` says it is: the shape of an array says nothing."""
    found = _Shapes(len(detections))
    for row, (given, form) in enumerate(zip(detections, formats, strict=True)):
        data = given.get("data")
        if type(data) is BoundingBox and form == "bounding-box":
            found.boxes[row] = getattr(data, "fields", _NOTHING)
        elif given and not _other_shape(row, form, data, found, faults):
            faults.add(row, Reason.WRONG_TYPE, f"data of format {_shown(form)} is {_shown(data)}")
    return found


def _other_shape(row: int, form: str | None, data: Any, found: _Shapes, faults: _Faults) -> bool:
    """Take what is no plain box; False where data and format do not fit each other."""
    if form is None:
        return True  # said already
    fields: Row = getattr(data, "fields", _NOTHING)
    if form == "rotatable-bounding-box" and isinstance(data, BoundingBox):
        found.boxes[row] = fields
    elif form in _ARRAYS and type(data) is NDArray:
        found.arrays[row] = _described(data)
    elif form in {"polygon", "polyline"} and type(data) in (list, tuple, Polyline):
        found.points[row] = _pairs(fields.get("points") if type(data) is Polyline else data)
    elif form == "keypoint" and type(data) is Keypoint:
        found.points[row] = _named_points([data])
    elif form == "skeleton" and type(data) is Skeleton:
        found.points[row] = _named_points(fields.get("points"))
    elif form == "bitmask" and type(data) is Bitmask:
        found.arrays[row] = _run_lengths(fields)
    elif form in KNOWN_FORMATS:
        return False
    else:
        faults.add(row, Reason.UNKNOWN_SHAPE, f"format is {_shown(form)}; known are {', '.join(KNOWN_FORMATS)}")
    return True


KNOWN_FORMATS = (
    "bounding-box", "mask", "polygon", "rotatable-bounding-box", "polyline", "keypoint", "skeleton", "bitmask",
)  # fmt: skip
"""The first three are Encord's, the others ours."""


def _described(array: NDArray) -> Row:
    return {
        **_content(array.raw),
        "dtype": array.dtype.order + array.dtype.code,
        "shape": array.shape,
        "fortran": array.fortran,
    }


def _content(raw: Any) -> Row:
    if type(raw) is Payload:
        return {"content": None, "at": raw.at}
    return {"content": bytes(raw) if type(raw) in (bytes, bytearray) else b"", "at": None}


def _run_lengths(fields: Row) -> Row:
    """Sides that are none become 0, content that is none nothing: no mask has those."""
    sides = [fields.get(name) for name in ("height", "width")]
    shape = [side if type(side) is int and 0 < side < 1 << 31 else 0 for side in sides]
    return {**_content(fields.get("counts")), "dtype": RUN_LENGTHS, "shape": shape, "fortran": False}


def _coordinate(value: Any) -> float | None:
    return float(value) if type(value) in (int, float) else None


def _pairs(points: Any) -> list[Row]:
    """Points of a sequence of pairs; an odd one has no place, which is refused later."""
    if type(points) not in (list, tuple):
        return []
    pairs = [point if type(point) in (list, tuple) and len(point) == 2 else (None, None) for point in points]
    return [{"x": _coordinate(x), "y": _coordinate(y)} for x, y in pairs]


def _named_points(points: Any) -> list[Row]:
    if type(points) not in (list, tuple):
        return []
    rows = [getattr(point, "fields", _NOTHING) if type(point) is Keypoint else _NOTHING for point in points]
    return [
        {
            "x": _coordinate(row.get("x")),
            "y": _coordinate(row.get("y")),
            "visibility": row["visibility"] if row.get("visibility") in (0, 1, 2) else None,
            "name": row["name"] if type(row.get("name")) is str and row["name"].isprintable() else None,
        }
        for row in rows
    ]


def _sparse(found: dict[int, Any], rows: int, kind: pa.DataType) -> pa.Array:
    return pa.array([found.get(row) for row in range(rows)], kind) if found else pa.nulls(rows, kind)


def _probabilities(fields: Sequence[Row], faults: _Faults) -> pa.Array:
    """Of the few predictions that carry some, names and numbers from 0 to 1."""
    found: dict[int, Any] = {}
    for row, given in enumerate(fields):
        values = given.get("class_probabilities")
        if values is None:
            continue
        if type(values) is dict and values and all(map(_is_probability, values.items())):
            found[row] = [{"name": name, "probability": float(value)} for name, value in values.items()]
        else:
            faults.add(row, Reason.OUT_OF_RANGE, f"class_probabilities is {_shown(values)}; 0 to 1 by class is needed")
    return _sparse(found, len(fields), RAW.field("class_probabilities").type)


def _is_probability(item: tuple[Any, Any]) -> bool:
    name, value = item
    named = type(name) is str and 1 <= len(name) <= _LONGEST_TEXT and name.isprintable()
    return named and type(value) in {int, float} and 0 <= value <= 1


def raw_batch(items: Sequence[Any]) -> pa.RecordBatch:
    """The items of a list as a batch of RAW, one row each. No items: no rows."""
    faults, rows = _Faults(), len(items)
    fields = _fields(items, faults)
    detections, classifications = _things(fields, faults)
    things = [
        detection or classification for detection, classification in zip(detections, classifications, strict=True)
    ]
    texts = {
        "data_hash": _values(fields, "data_hash", str, faults, _no_text),
        "feature_hash": _values(things, "feature_hash", str, faults, _no_text),
        "attribute_hash": _values(classifications, "attribute_hash", str, faults, _no_text),
        "option_hash": _values(classifications, "option_hash", str, faults, _no_text),
        "track_id": _values(detections, "track_id", str, faults, _track),
        "format": _values(detections, "format", str, faults, _no_text),
    }
    shapes = _shapes(detections, texts["format"], faults)
    columns: dict[str, pa.Array] = {name: _texts(texts[name], name, faults) for name in TEXTS}
    columns["frame"] = pa.array(_values(fields, "frame", int, faults, _frame), pa.int64())
    for name, source in (("confidence", fields), *((name, shapes.boxes) for name in BOX)):
        columns[name] = pa.array(_values(source, name, float, faults, _number), pa.float64())
    columns["class_probabilities"] = _probabilities(fields, faults)
    columns["array"] = _sparse(shapes.arrays, rows, RAW.field("array").type)
    columns["points"] = _sparse(shapes.points, rows, RAW.field("points").type)
    columns["answers"] = pa.array([bool(row) for row in classifications], pa.bool_())
    columns["fault_code"], columns["fault"] = faults.column(rows, 0), faults.column(rows, 1)
    return pa.RecordBatch.from_arrays([columns[name] for name in RAW.names], schema=RAW)
