"""The project's data units and categories as look-up tables: from the words of a file to keys, sizes and buckets."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any
from weakref import finalize

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.fields import FIELDS
from schemas.records import Array
from tasks.class_mapping import COUNTERPART_ROWS, PREDICTED_CLASS, is_mapped, measured_classes
from tasks.columns import bytes_parts, lookup, numbers, one_chunk
from tasks.kernels.digests import digest_bytes

UNKNOWN, AMBIGUOUS, FRAME_MISSING, FRAME_UNKNOWN = -1, -2, -3, -4
"""Positions of what cannot be found: no such word; several units are called so; a video without a frame; no such frame.
"""
_SPAN_SHIFT = 32
"""A name's value is its first row and, above these bits, how many rows from there its frames count; 0: it has none."""


@dataclass(frozen=True, slots=True)
class UnitIndex:
    """Data units by position, a row each."""

    unit_key: Array
    width_px: Array
    height_px: Array
    source_order: Array
    retired: Array
    sequence: Array
    """uint64[U]: digest of the video, group or image the unit belongs to."""
    single: Array
    """bool[U]: an image by itself, which has no other frame than its own."""
    frame: Array

    def bucket(self, buckets: int) -> Array:
        """int64[U]: the share each unit falls into; `buckets` is a power of two, so shares of shares nest."""
        return (self.sequence & np.uint64(buckets - 1)).astype(np.int64)

    def ties(self, tie_order: str) -> Array:
        """int64[U]: by which ties between units fall: the source's order, or keys, which no file's order changes."""
        return self.source_order if tie_order == "file" else self.unit_key


@dataclass(frozen=True, slots=True)
class CategoryIndex:
    """Categories by position, in the official order."""

    positions: dict[str, int]
    """Live object classes by feature hash; of predictions under a class mapping, their own classes by name."""
    category_key: Array
    retired: Array
    points: Array
    """int64[C]: points of the category's skeleton; 0 where none are named."""
    names: list[str | None]
    shapes: list[str | None]
    """The shape the ontology gives the class, if it says."""
    options: dict[tuple[str, str | None, str | None], int]
    """Live attributes and options by feature, attribute and option hash."""

    def called(self) -> dict[str, int]:
        """Live object classes by name, and by name in lower case; AMBIGUOUS where several are called so."""
        found: dict[str, int] = {}
        for spell in (str, str.lower):
            rows = [(spell(name), row) for row in self.positions.values() if (name := self.names[row])]
            counts = Counter(word for word, _ in rows)
            for word, row in rows:
                found.setdefault(word, row if counts[word] == 1 else AMBIGUOUS)
        return found


def _file_name(title: str) -> str:
    return title.rpartition("/")[2]


def _stem(title: str) -> str:
    name = _file_name(title)
    return name.rpartition(".")[0] or name


class UnitNames(dict[str, int]):
    """Row of a `data_units` table by what a file calls a unit; AMBIGUOUS where several are called so.

    Ids come first, then hashes of unit and of sequence, titles, file names and stems, each only where it names one
    thing and is no other's id: those are gathered when the first word comes up that is no id. A video's name stands for
    its first frame and how many it has. Retired units cannot be found.
    """

    def __init__(self, units: pa.Table) -> None:
        """Gather the ids."""
        live = np.flatnonzero(~numbers(units["retired"], missing=False))
        named = units.select(["source_id", "data_hash", "sequence_hash", "title", "kind"]).take(pa.array(live))
        ids = named["source_id"].to_pylist()
        self._spans: dict[int, int] = {}
        if pc.any(pc.equal(named["kind"], "video frame")).as_py():
            heads, self._spans = _things(ids, live.tolist())
            named, live = named.take(pa.array(heads)), live[heads]
            ids = named["source_id"].to_pylist()
        self._values = [row + (self._spans.get(row, 0) << _SPAN_SHIFT) for row in live.tolist()]
        super().__init__(zip(ids, self._values, strict=True))
        self._named: pa.Table | None = named
        self._gathering = Lock()

    def __missing__(self, word: str) -> int:
        """Look once more among hashes, titles and file names; UNKNOWN where nothing is called so."""
        if self._named is not None:
            self._gather()
        return super().get(word, UNKNOWN)

    def _gather(self) -> None:
        with self._gathering:
            if self._named is None:
                return
            titles = [title or None for title in self._named["title"].to_pylist()]
            self._enter(self._named["data_hash"].to_pylist(), self._values)
            self._enter(*_sequences(self._named, self._values))
            for spell in (str, _file_name, _stem):
                self._enter([spell(title) if title else None for title in titles], self._values)
            self._named = None

    def _enter(self, words: Sequence[str | None], values: Sequence[int]) -> None:
        counts = Counter(words)
        for word, value in zip(words, values, strict=True):
            if word is not None and word not in self:
                self[word] = value if counts[word] == 1 else AMBIGUOUS


def _things(ids: Sequence[str], rows: Sequence[int]) -> tuple[list[int], dict[int, int]]:
    """(positions at which a new id begins, {row of a video's first frame: its frames}) of the live `rows`."""
    heads = [k for k, name in enumerate(ids) if k == 0 or name != ids[k - 1]]
    ends = [*heads[1:], len(ids)]
    return heads, {rows[k]: end - k for k, end in zip(heads, ends, strict=True) if end - k > 1}


def _sequences(named: pa.Table, values: Sequence[int]) -> tuple[list[str | None], list[int]]:
    """Words and values of sequences: an image's row; a group, whose images stand together, by its first and count."""
    kinds, words = named["kind"].to_pylist(), named["sequence_hash"].to_pylist()
    sizes = Counter(word for word, kind in zip(words, kinds, strict=True) if kind == "group image")
    first: dict[str, int] = {}
    for word, kind, value in zip(words, kinds, values, strict=True):
        group = kind == "group image"
        if word is not None and word not in first:
            first[word] = value + (sizes[word] << _SPAN_SHIFT) if group else value
    return list(first), list(first.values())


def locate(words: pa.Array, frames: pa.Array, names: UnitNames, units: UnitIndex) -> Array:
    """int64[n]: position of each record's unit, by what its file calls it and the frame it says, or a code below 0.

    An image of a group is found whatever the frame says; an image by itself only with its own frame or none.
    """
    value = lookup(words, names)
    if len(frames) == 0:
        return value
    span, position = value >> _SPAN_SHIFT, np.where(value < 0, value, value & ((1 << _SPAN_SHIFT) - 1))
    said, frame = numbers(frames.is_valid()), numbers(frames, missing=0).astype(np.int64)
    if not (span > 0).any() and not frame.any():
        return position
    known = position >= 0
    alone = known & (span == 0) & said
    alone &= units.single[np.maximum(position, 0)] & (units.frame[np.maximum(position, 0)] != frame)
    video = known & (span > 0)
    position = np.where(video, position + frame, position)
    position[video & ~((frame >= 0) & (frame < span))] = FRAME_UNKNOWN
    position[video & ~said] = FRAME_MISSING
    position[alone] = FRAME_UNKNOWN
    return position


_INDEXES: dict[int, UnitIndex] = {}
"""By the identity of tables that are held."""
_INDEXING = Lock()


def unit_index(units: pa.Table) -> UnitIndex:
    """Index of a `data_units` table, made once for as long as the table is held: buckets share it, and only read it."""
    with _INDEXING:
        if id(units) not in _INDEXES:
            _INDEXES[id(units)] = _indexed(units)
            finalize(units, _INDEXES.pop, id(units), None).atexit = False
        return _INDEXES[id(units)]


def _indexed(units: pa.Table) -> UnitIndex:
    return UnitIndex(
        numbers(units["unit_key"]),
        numbers(units["width"]).astype(float),
        numbers(units["height"]).astype(float),
        numbers(units["source_order"]),
        numbers(units["retired"], missing=False),
        sequence_digests(units["sequence_hash"]),
        numbers(pc.fill_null(pc.equal(units["kind"], "image"), True)),
        numbers(units["frame"]).astype(np.int64),
    )


def sequence_digests(hashes: pa.ChunkedArray) -> Array:
    """uint64[n]: by which units of a video, group or image are told to be of one, and fall into buckets."""
    digests = digest_bytes(*(np.array(part) for part in bytes_parts(one_chunk(hashes).cast(pa.binary()))))
    return mix([digests], len(digests))


def live_categories(categories: pa.Table) -> pa.Table:
    """The classes of objects that are measured, in the official order, by which means are taken."""
    return measured_classes(categories)


def category_index(categories: pa.Table, predictions: bool = False) -> CategoryIndex:
    """Index of a `categories` table: object classes by feature hash, answers by all three.

    Of predictions under a class mapping, their own classes stand in place of the objects', by name.
    """
    categories = categories.sort_by("source_order")
    retired = numbers(categories["retired"], missing=False)
    kinds, hashes = categories["kind"].to_pylist(), categories["feature_hash"].to_pylist()
    live = [row for row in range(len(categories)) if not retired[row]]
    triples = [*zip(hashes, *(categories[name].to_pylist() for name in ("attribute_hash", "option_hash")), strict=True)]
    points = numbers(pc.list_value_length(one_chunk(categories["keypoint_names"])), missing=0).astype(np.int64)
    objects = {hashes[row]: row for row in live if kinds[row] in {"object", None}}
    if predictions and is_mapped(categories):
        names = categories["name"].to_pylist()
        objects = {names[row]: row for row in live if kinds[row] == PREDICTED_CLASS}
    return CategoryIndex(
        objects,
        numbers(categories["category_key"]).astype(np.int64),
        retired,
        points,
        categories["name"].to_pylist(),
        categories["shape"].to_pylist(),
        {triples[row]: row for row in live if kinds[row] in {"attribute", "option"}},
    )


def keypoint_counts(categories: pa.Table) -> dict[str, int]:
    """Points by class name, of the live classes of a `categories` table that name their points."""
    live = measured_classes(categories)
    named = zip(live["name"].to_pylist(), live["keypoint_names"].to_pylist(), strict=True)
    return {name: len(points) for name, points in named if points}


def _keep_keys(old: pa.Table | None, new: pa.Table, identity: tuple[str, ...], key: str) -> pa.Table:
    """`new` with keys: the old one's where the identity is known, the next free ones elsewhere; the rest retired."""
    ids = list(zip(*(new[name].to_pylist() for name in identity), strict=True))
    kept: dict[tuple[object, ...], int] = {}
    if old is not None:
        before = zip(*(old[name].to_pylist() for name in identity), strict=True)
        kept = dict(zip(before, old[key].to_pylist(), strict=True))
    free = iter(range(max(kept.values(), default=0) + 1, len(kept) + len(ids) + 2))
    keys = [kept[name] if name in kept else next(free) for name in ids]
    table = new.append_column(key, pa.array(keys)).append_column("retired", pa.array(np.zeros(len(keys), bool)))
    if old is None or set(kept) <= set(ids):
        return table
    known = set(ids)
    gone = np.array([name not in known for name in kept])
    rest = old.filter(pa.array(gone))
    rest = rest.set_column(rest.schema.get_field_index("retired"), "retired", pa.array(np.ones(len(rest), bool)))
    return pa.concat_tables([table, rest.select(table.schema.names)], promote_options="permissive")


def keyed_units(old: pa.Table | None, records: pa.Table) -> pa.Table:
    """`data_units` of UNIT_RECORDS (in official order): keys never change meaning and are only appended."""
    return _keep_keys(old, records, ("data_hash", "frame"), "unit_key")


def keyed_categories(old: pa.Table | None, records: pa.Table) -> pa.Table:
    """`categories` of CATEGORY_RECORDS (in official order), keyed likewise; rows of parents become their keys.

    So do the rows of counterparts, where `class_mapping.mapped_categories` has added them.
    """
    if COUNTERPART_ROWS not in records.column_names:
        records = records.append_column(COUNTERPART_ROWS, pa.nulls(len(records), pa.list_(pa.int32())))
    parents, counterparts = (records[name].to_pylist() for name in ("parent_row", COUNTERPART_ROWS))
    new = records.drop_columns(["parent_row", COUNTERPART_ROWS])
    new = new.append_column("source_order", pa.array(np.arange(len(records), dtype=np.int64)))
    for name in ("parent_key", "counterparts"):
        new = new.append_column(name, pa.nulls(len(records), FIELDS[name].type))
    table = _keep_keys(old, new, ("feature_hash", "attribute_hash", "option_hash"), "category_key")
    keys = table["category_key"].to_pylist()
    table = _beginning(table, "parent_key", [None if row is None else keys[row] for row in parents])
    paired = [None if rows is None else [keys[row] for row in rows] for rows in counterparts]
    return _beginning(table, "counterparts", paired)


def _beginning(table: pa.Table, name: str, values: list[Any]) -> pa.Table:
    """The table with other values in the first rows of a column."""
    at, kind = table.column_names.index(name), FIELDS[name].type
    rest = one_chunk(table[name].slice(len(values)))
    return table.set_column(at, name, pa.chunked_array([pa.array(values, kind), rest.cast(kind)]))


def mix(values: Iterable[Array], rows: int) -> Array:
    """uint64[n]: columns of 64-bit words folded into one well-mixed word (splitmix64); order of columns counts."""
    state = np.full(rows, 0x9E3779B97F4A7C15, np.uint64)
    for column in values:
        state ^= np.ascontiguousarray(column).view(np.uint64)
        state += np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state ^= state >> np.uint64(31)
    return state
