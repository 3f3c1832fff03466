"""Rows of a prediction file as records: what a row holds is checked, the rest is refused row by row."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.prediction_checks import LONGEST_TEXT
from schemas.prediction_file import GEOMETRY
from schemas.records import Array, Block, Source
from schemas.rejects import Reason, Stage
from schemas.tables import ANSWER_RECORDS, RECORDS
from tasks.columns import completed, list_parts, numbers, struct_matrix
from tasks.rejects import rejects_of

SHAPES = {
    "bbox": ("bounding_box",),
    "rotated_bbox": ("rotatable_bounding_box",),
    "polygons": ("polygon",),
    "polyline": ("polyline",),
    "keypoints": ("skeleton", "point"),
    "mask": ("bitmask",),
}
"""Shapes that a column of geometry may hold; the first where the row does not say."""
_BOX = ("x", "y", "w", "h")
_LAST_FRAME = 2**31 - 1


class Part(NamedTuple):
    """Some rows of a file, with all columns of PREDICTION_FILE, and the position of the first."""

    rows: pa.RecordBatch
    first_row: int


class _Faults:
    """The first thing wrong with each row."""

    def __init__(self) -> None:
        self.found: dict[int, tuple[str, str]] = {}

    def add(self, bad: Array, code: Reason, text: Callable[[int], str]) -> None:
        """Find fault with the rows where `bad` (bool[n]) is set."""
        for row in np.flatnonzero(bad).tolist():
            self.found.setdefault(row, (str(code), text(row)))


def block_of(part: Part, source: Source) -> Block:
    """Records, answers and rejects of a part: a row of it is one of the three."""
    rows, count = part.rows, len(part.rows)
    given = np.array([numbers(rows.column(name).is_valid()) for name in GEOMETRY], bool).reshape(len(GEOMETRY), count)
    answers = numbers(rows.column("option_hash").is_valid()) & ~given.any(axis=0)
    faults = _Faults()
    _check_words(rows, faults)
    _check_numbers(rows, faults)
    _check_probabilities(rows, faults)
    _check_geometry(rows, given, answers, faults)
    good = np.ones(count, bool)
    good[list(faults.found)] = False
    records = _records(part, given, source)
    refused = sorted(faults.found)
    return Block(
        count,
        records.filter(pa.array(good & ~answers)),
        rejects_of(records, refused, [faults.found[row] for row in refused], Stage.INGEST),
        _answers(part, source).filter(pa.array(good & answers)) if answers.any() else None,
    )


def _check_words(rows: pa.RecordBatch, faults: _Faults) -> None:
    for name in ("data_hash", "feature_hash", "attribute_hash", "option_hash", "track_id"):
        texts = rows.column(name)
        odd = pc.or_(pc.match_substring(texts, "\0"), pc.greater(pc.utf8_length(texts), LONGEST_TEXT))
        text = f"{name} holds NUL or is over {LONGEST_TEXT} long"
        faults.add(numbers(odd, missing=False), Reason.WRONG_TYPE, lambda row, text=text: text)  # type: ignore[misc]
    for name in ("data_hash", "feature_hash"):
        missing = ~numbers(rows.column(name).is_valid())
        faults.add(missing, Reason.MISSING_FIELD, lambda row, name=name: f"{name} is missing")  # type: ignore[misc]
    half = numbers(rows.column("attribute_hash").is_valid()) != numbers(rows.column("option_hash").is_valid())
    faults.add(half, Reason.MISSING_FIELD, lambda row: "attribute_hash and option_hash are given together")


def _check_numbers(rows: pa.RecordBatch, faults: _Faults) -> None:
    missing, score = ~numbers(rows.column("score").is_valid()), numbers(rows.column("score"))
    faults.add(missing, Reason.MISSING_FIELD, lambda row: "score is missing")
    faults.add(~np.isfinite(score), Reason.NOT_FINITE, lambda row: f"score is {score[row]}")
    beyond = (score < 0) | (score > 1)
    faults.add(beyond, Reason.OUT_OF_RANGE, lambda row: f"score is {score[row]}; 0 to 1 is allowed")
    frame = numbers(rows.column("frame"), missing=0)
    faults.add(frame < 0, Reason.OUT_OF_RANGE, lambda row: f"frame is {frame[row]}; 0 to {_LAST_FRAME} is allowed")


def _check_probabilities(rows: pa.RecordBatch, faults: _Faults) -> None:
    """Each is a number from 0 to 1 with a name."""
    column = rows.column("class_probabilities")
    where = np.flatnonzero(numbers(column.is_valid()))
    values, offsets = list_parts(column.drop_null())
    probability, named = (
        numbers(pc.struct_field(values, "probability")),
        numbers(pc.struct_field(values, "name").is_valid()),
    )
    n_bad = np.concatenate([[0], np.cumsum(~(named & (probability >= 0) & (probability <= 1)))])
    bad = np.zeros(len(column), bool)
    bad[where] = n_bad[offsets[1:]] > n_bad[offsets[:-1]]
    text = "class_probabilities without a name, or not a number from 0 to 1"
    faults.add(bad, Reason.OUT_OF_RANGE, lambda row: text)


def _check_geometry(rows: pa.RecordBatch, given: Array, answers: Array, faults: _Faults) -> None:
    n_given = given.sum(axis=0)
    both = numbers(rows.column("option_hash").is_valid()) & (n_given > 0)
    faults.add(both, Reason.UNSUPPORTED, lambda row: "an object and an answer both; make two rows of it")
    names = ", ".join(GEOMETRY)
    faults.add((n_given == 0) & ~answers, Reason.NO_GEOMETRY, lambda row: f"none of {names}, nor an answer")
    faults.add(n_given > 1, Reason.UNSUPPORTED, lambda row: f"more than one of {names}")
    _check_boxes(rows, given, faults)
    for name in ("polygons", "polyline", "keypoints"):
        if given[GEOMETRY.index(name)].any():
            _check_points(rows.column(name), name, faults)
    said = rows.column("shape").to_pylist()
    column = [GEOMETRY[k] for k in given.argmax(axis=0)]
    pairs = zip(said, column, strict=True)
    other = np.array([word is not None and word not in SHAPES[name] for word, name in pairs], bool)
    faults.add(other & (n_given == 1), Reason.UNKNOWN_SHAPE, lambda row: f"shape {said[row]!r} of a {column[row]}")


def _check_boxes(rows: pa.RecordBatch, given: Array, faults: _Faults) -> None:
    for name, sides in (("bbox", _BOX), ("rotated_bbox", (*_BOX, "theta"))):
        there = given[GEOMETRY.index(name)]
        if not there.any():
            continue
        box = struct_matrix(rows.column(name), sides)
        faults.add(there & ~np.isfinite(box).all(axis=1), Reason.NOT_FINITE, lambda row, box=box: f"{box[row]}")  # type: ignore[misc]
        small = there & (box[:, 2:4] < 0).any(axis=1)
        faults.add(small, Reason.INVALID_BOX, lambda row, box=box: f"w and h are {box[row][2:4]}")  # type: ignore[misc]
        if "theta" in sides:
            theta = box[:, 4]
            bad = there & ((theta < 0) | (theta > 360))
            faults.add(bad, Reason.OUT_OF_RANGE, lambda row, theta=theta: f"theta is {theta[row]:g}; 0 to 360 degrees")  # type: ignore[misc]


def _check_points(column: pa.Array, name: str, faults: _Faults) -> None:
    """Points must be finite, and be there, down to every level of the lists."""
    where = np.flatnonzero(numbers(column.is_valid()))
    values, offsets = list_parts(column.drop_null())
    for _ in range(2 if name == "polygons" else 0):
        values, inner = list_parts(values)
        offsets = inner[offsets]
    sound = np.isfinite(struct_matrix(values, ("x", "y"))).all(axis=1)
    n_bad = np.concatenate([[0], np.cumsum(~sound)])
    bad = np.zeros(len(column), bool)
    bad[where] = (n_bad[offsets[1:]] > n_bad[offsets[:-1]]) | (offsets[1:] == offsets[:-1])
    code = Reason.INVALID_KEYPOINTS if name == "keypoints" else Reason.INVALID_POLYGON
    faults.add(bad, code, lambda row: f"{name} without points, or with a point that is no finite number")


def _origin(part: Part, source: Source) -> dict[str, pa.Array]:
    count = len(part.rows)
    return {
        "source_file": pa.repeat(source.name, count),
        "source_row": pa.array(part.first_row + np.arange(count)),
        "source_unit": part.rows.column("data_hash"),
        "score": part.rows.column("score"),
        "class_probabilities": part.rows.column("class_probabilities"),
    }


def _records(part: Part, given: Array, source: Source) -> pa.RecordBatch:
    rows = part.rows
    shapes = [SHAPES[GEOMETRY[k]][0] for k in given.argmax(axis=0)]
    said = rows.column("shape").to_pylist()
    columns = {
        **_origin(part, source),
        **{name: rows.column(name) for name in ("frame", "track_id", *GEOMETRY)},
        "source_category": rows.column("feature_hash"),
        "coordinates": pa.repeat("relative", len(rows)),
        "shape": pa.array([word or shape for word, shape in zip(said, shapes, strict=True)], pa.string()),
    }
    return _batch(completed(columns, RECORDS.schema, len(rows)))


def _answers(part: Part, source: Source) -> pa.RecordBatch:
    rows = part.rows
    columns = {
        **_origin(part, source),
        **{name: rows.column(name) for name in ("feature_hash", "attribute_hash", "option_hash")},
        "first_frame": rows.column("frame"),
        "last_frame": rows.column("frame"),
    }
    return _batch(completed(columns, ANSWER_RECORDS.schema, len(rows)))


def _batch(table: pa.Table) -> pa.RecordBatch:
    columns = [column.combine_chunks() for column in table.columns]
    return pa.RecordBatch.from_arrays(columns, schema=table.schema)
