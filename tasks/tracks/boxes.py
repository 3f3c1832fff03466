"""A bucket's boxes that are part of a track, on either side, as arrays."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.judging import Array
from tasks.class_mapping import measured_classes
from tasks.columns import dictionary, numbers, struct_matrix
from tasks.engine import JudgedUnits, Shard
from tasks.matchable import Classes, bucket_of, classes_of
from tasks.units import unit_index

_LINES = ("point", "polyline")
"""Shapes whose hull says nothing of what lies in it."""
_COLUMNS = ("unit_key", "category_key", "track_id", "shape", "bbox_px", "task")


class Units(NamedTuple):
    """Frames of the sequences of a bucket: sequence by sequence, in the order of time."""

    sequence: Array
    """int64[U]: positions in `hashes`, ascending."""
    hashes: pa.Array
    frame: Array
    """int64[U]"""
    place: Array
    """int64[highest unit_key + 1]: where a unit stands, by its key; -1 elsewhere."""


class Boxes(NamedTuple):
    """n boxes of a side."""

    unit: Array
    """int64[n]: positions among the units."""
    category: Array
    """int64[n]: positions among the classes."""
    track: Array
    """int64[n]: positions in `names`."""
    box_px: Array
    """float64[n, 4]: x, y, w, h."""
    tie: Array
    """int64[n]: order of the boxes of a frame, by which ties fall."""
    ignored: Array
    """bool[n]: they do not count; all False for predictions."""
    names: list[str]
    """Words of tracks, ascending."""

    def only(self, which: Array) -> "Boxes":
        """The boxes for which bool[n] `which` is set."""
        unit, category, track, box_px, tie, ignored, names = self
        return Boxes(unit[which], category[which], track[which], box_px[which], tie[which], ignored[which], names)


class Sides(NamedTuple):
    """What a bucket's tracks are judged by."""

    units: Units
    classes: Classes
    keys: Array
    """int32[K]: category_key of each class."""
    truth: Boxes
    found: Boxes
    counts: dict[str, int]
    """What an evaluation's record says of a bucket."""
    judged: JudgedUnits


def _units_of(table: pa.Table, shard: Shard) -> Units:
    """The live frames of a bucket's videos and image groups; images by themselves are no sequence."""
    index = unit_index(table)
    positions = bucket_of(index, shard.bucket, shard.buckets, "canonical").positions
    positions = positions[~index.single[positions]]
    order = np.lexsort((index.unit_key[positions], index.frame[positions], index.sequence[positions]))
    positions = positions[order]
    _, first, sequence = np.unique(index.sequence[positions], return_index=True, return_inverse=True)
    place = np.full(int(index.unit_key.max(initial=0)) + 1, -1)
    place[index.unit_key[positions]] = np.arange(len(positions))
    hashes = table["sequence_hash"].combine_chunks().take(pa.array(positions[first]))
    return Units(sequence, hashes, index.frame[positions], place)


def _tracks(column: pa.ChunkedArray) -> tuple[Array, list[str]]:
    """(positions int64[n], words ascending) of a text column without nulls."""
    encoded = dictionary(column)
    words = encoded.dictionary.to_pylist()
    names = sorted(set(words))
    position = {name: k for k, name in enumerate(names)}
    table = np.array([position[word] for word in words], np.int64)
    return table[numbers(encoded.indices)], names


def _boxes_of(rows: pa.Table, units: Units, classes: Classes, tie: Array | None, ignored: Array) -> Boxes:
    track, names = _tracks(rows["track_id"])
    return Boxes(
        units.place[numbers(rows["unit_key"])],
        classes.dense[numbers(rows["category_key"])].astype(np.int64),
        track,
        struct_matrix(rows["bbox_px"], "xywh"),
        track if tie is None else tie,
        ignored,
        names,
    )


def _taking_part(rows: pa.Table, units: Units, classes: Classes) -> Array:
    """bool[n]: boxes of objects of a measured class, on a frame of a sequence of the bucket, with a track."""
    there = (units.place[numbers(rows["unit_key"])] >= 0) & (classes.dense[numbers(rows["category_key"])] >= 0)
    there &= numbers(rows["track_id"].is_valid()) & ~numbers(rows["task"].is_valid())
    return there & ~numbers(pc.fill_null(pc.is_in(rows["shape"], pa.array(_LINES)), False))


def _in_bucket(rows: pa.Table, table: pa.Table, shard: Shard) -> int:
    """How many rows lie on live units of the bucket, whatever they are."""
    units = unit_index(table)
    return int((bucket_of(units, shard.bucket, shard.buckets, "file").local[numbers(rows["unit_key"])] >= 0).sum())


def columns_of(shard: Shard) -> dict[str, tuple[str, ...]]:
    """What a bucket's work reads of both sides."""
    return {"predictions": (*_COLUMNS, "prediction_key"), "ground_truth": (*_COLUMNS, "iscrowd", "ignore")}


def sides_of(shard: Shard) -> Sides:
    """Read both sides of a bucket. Nothing on a side: no boxes there."""
    table = shard.read("data_units")
    categories = shard.read("categories")
    units, classes = _units_of(table, shard), classes_of(categories)
    columns = columns_of(shard)
    truth, found = (shard.read(name, columns[name]) for name in ("ground_truth", "predictions"))
    inside = _in_bucket(truth, table, shard), _in_bucket(found, table, shard)
    truth, found = (rows.filter(pa.array(_taking_part(rows, units, classes))) for rows in (truth, found))
    by_file = shard.rules.tie_order == "file"
    ignored = numbers(truth["ignore"], missing=False) | numbers(truth["iscrowd"], missing=False)
    ties = (np.arange(len(truth)), numbers(found["prediction_key"])) if by_file else (None, None)
    counts = {
        "predictions": len(found),
        "annotations": len(truth),
        "predictions_outside_protocol": inside[1] - len(found),
        "annotations_outside_protocol": inside[0] - len(truth),
    }
    sides = (
        _boxes_of(truth, units, classes, ties[0], ignored),
        _boxes_of(found, units, classes, ties[1], np.zeros(len(found), bool)),
    )
    judged = JudgedUnits(*(numbers(rows["unit_key"]) for rows in (found, truth)))
    return Sides(units, classes, numbers(measured_classes(categories)["category_key"]), *sides, counts, judged)
