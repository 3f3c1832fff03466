"""A bucket of a stored set under other data units or classes: which of its rows stay as they are, which do not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.records import Array
from schemas.tables import CLASSIFICATIONS_PREDICTIONS as ANSWERS
from tasks.answers import resolve_answers
from tasks.columns import dictionary, lookup, numbers, one_chunk
from tasks.naming import Names
from tasks.normalize import Step
from tasks.resolve import looked_up
from tasks.revival import frames_of, resolved
from tasks.storage import Partition
from tasks.units import locate


@dataclass(frozen=True, slots=True)
class StoredBucket:
    """A bucket of a set's predictions, or of its answers."""

    partition: Partition
    bucket: int
    buckets: int


class Looked(NamedTuple):
    """What a look at a bucket found."""

    stays: Array
    """bool[n]: rows that are as they were."""
    left: pa.Table
    """The others, as they were."""
    again: Step
    """What became of those."""


Words = Mapping[int, tuple[str | None, str | None, str | None]]
"""Feature, attribute and option hash by category_key, of every class and option there ever was."""


def look(stored: StoredBucket, names: Names, words: Words) -> Looked:
    """Look the words of a bucket's predictions up again; rows whose unit lies in another bucket now are moved there."""
    if stored.partition.place.table == ANSWERS.name:
        return _look_at_answers(stored, names, words)
    columns = ["unit_key", "category_key", "source_unit", "source_category", "shape"]
    if names.categories.points.any():
        columns.append("keypoints")
    light = stored.partition.read(columns, stored.bucket)
    position = positions(light, names)
    stays = ~_differs(light, position, names)
    stays &= names.units.bucket(stored.buckets)[np.maximum(position, 0)] == stored.bucket
    gone = pa.array(~stays)
    if stays.all():
        left = stored.partition.read(None, stored.bucket).slice(0, 0)
    else:
        left = stored.partition.read(None, stored.bucket).filter(gone)
    return Looked(stays, left, resolved(left, position[~stays], names))


def _look_at_answers(stored: StoredBucket, names: Names, words: Words) -> Looked:
    """The same of answers, whose options are told by key: those that are live still mean what they did."""
    rows = stored.partition.read(None, stored.bucket)
    found = [one_chunk(rows[name]) for name in ("source_unit", "first_frame")]
    position = locate(found[0], found[1], names.unit_names, names.units)
    live = names.categories.category_key[[*names.categories.options.values()]]
    stays = (position >= 0) & np.isin(numbers(rows["category_key"]), live)
    stays &= names.units.unit_key[np.maximum(position, 0)] == numbers(rows["unit_key"])
    stays &= names.units.bucket(stored.buckets)[np.maximum(position, 0)] == stored.bucket
    left = rows.filter(pa.array(~stays))
    triples = [words[key] for key in left["category_key"].to_pylist()]
    table = left.drop_columns(["unit_key", "category_key"])
    for k, name in enumerate(("feature_hash", "attribute_hash", "option_hash")):
        table = table.append_column(name, pa.array([triple[k] for triple in triples], pa.string()))
    return Looked(stays, left, resolve_answers(table, names.units, names.unit_names, names.categories))


def positions(rows: pa.Table, names: Names) -> Array:
    """int64[n]: rows of `data_units` that the words of stored rows stand for today; below 0: none."""
    words, unit_key = dictionary(rows["source_unit"]), numbers(rows["unit_key"])
    highest = int(unit_key.max(initial=0)) + 1
    pairs, which = np.unique(numbers(words.indices).astype(np.int64) * highest + unit_key, return_inverse=True)
    frames = pa.array(frames_of(pairs % highest, names))
    return locate(words.dictionary.take(pa.array(pairs // highest)), frames, names.unit_names, names.units)[which]


def _differs(light: pa.Table, position: Array, names: Names) -> Array:
    """bool[n]: rows that another unit or class, or another shape of their class, concerns."""
    units, categories = names.units, names.categories
    category = looked_up(light["source_category"], categories, names.by_name)
    known = (position >= 0) & (category >= 0)
    same = known & (units.unit_key[np.maximum(position, 0)] == numbers(light["unit_key"]))
    place = np.maximum(category, 0)
    same &= categories.category_key[place] == numbers(light["category_key"])
    asked = np.unique(np.array([shape or "" for shape in categories.shapes]), return_inverse=True)
    names_of_shapes = {str(word): k for k, word in enumerate(asked[0])}
    wanted, shape = asked[1][place], lookup(light["shape"].cast(pa.string()), names_of_shapes)
    said = numbers(light["shape"].is_valid())
    same &= ~said | (wanted == names_of_shapes.get("", -1)) | (wanted == shape)
    if "keypoints" in light.column_names:
        found = numbers(pc.list_value_length(one_chunk(light["keypoints"])), missing=0)
        points = categories.points[place]
        same &= (found == 0) | (points == 0) | (points == found)
    return ~same
