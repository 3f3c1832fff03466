"""A bucket of one side as quality metrics see it: sequences, their data units in order, and their objects in order.

What several metrics need is made when the first asks for it, and kept as long as the bucket.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schemas.tables import TABLES
from tasks.columns import bytes_parts, lookup, numbers, one_chunk, struct_matrix
from tasks.kernels.hu_moments import mask_hu_moments
from tasks.shapes import SHAPES
from tasks.shapes.bounding_box import CORNER
from tasks.storage import read_parts
from tasks.units import UnitIndex, unit_index

Array = npt.NDArray[Any]
T = TypeVar("T")
SHAPE_NAMES: tuple[str, ...] = tuple(SHAPES)
"""What `Objects.shape` counts."""
NO_SHAPE = -1
_TABLES = {table.name: table for table in TABLES}


class Units(NamedTuple):
    """Live data units of a bucket, U: sequence by sequence, within one by frame."""

    key: Array
    """int64[U]: unit_key."""
    width_px: Array
    """float64[U]"""
    height_px: Array
    """float64[U]"""
    frame: Array
    """int64[U]: of a video; the index in an image group; 0 for single images."""
    sequence_indptr: Array
    """int64[S+1]: sequence s (a video, a group, or an image by itself) has the units [s]:[s+1]."""
    single: Array
    """bool[U]: an image by itself: its sequence has no other."""


class Objects(NamedTuple):
    """Predictions or annotations of a bucket, N: unit by unit in the order of `Units`, within one by key."""

    key: Array
    """int64[N]: prediction_key or annotation_key."""
    unit: Array
    """int64[N]: place of its unit in `Units`."""
    indptr: Array
    """int64[U+1]: unit u has the objects [u]:[u+1]."""
    category: Array
    """int64[N]: category_key."""
    score: Array
    """float64[N]: of predictions; NaN for annotations."""
    track: Array
    """int64[N]: number of its track, from 0, the same for the same track_id in the same sequence; -1 without one."""
    shape: Array
    """int64[N]: place in SHAPE_NAMES; -1 where the source gave none."""


def units_of(units: UnitIndex, bucket: int, buckets: int) -> Units:
    """The live units of a bucket, in an order that no number of buckets changes."""
    inside = np.flatnonzero((units.bucket(buckets) == bucket) & ~units.retired)
    by = (units.unit_key, units.source_order, units.frame, units.sequence)
    rows = inside[np.lexsort(tuple(column[inside] for column in by))]
    sequence = units.sequence[rows]
    starts = np.flatnonzero(np.concatenate([[True], sequence[1:] != sequence[:-1]])) if len(rows) else rows
    return Units(
        units.unit_key[rows],
        units.width_px[rows],
        units.height_px[rows],
        units.frame[rows],
        np.append(starts, len(rows)).astype(np.int64),
        units.single[rows],
    )


class Masks(NamedTuple):
    """Packed raster masks of N objects, of their units' sizes; one without has no bytes."""

    data: Array
    """uint8: COCO's compressed run lengths."""
    offsets: Array
    """int64[N+1], into `data`."""
    height_px: Array
    """int64[N]: of the unit."""
    width_px: Array
    """int64[N]"""


class Bucket:
    """Units, objects, and their columns, which are read when they are asked for. Not to be shared between threads."""

    def __init__(self, of: str, bucket: int, buckets: int, inputs: Mapping[str, Sequence[str]]) -> None:
        """`of` is prediction or annotation; `inputs` are part files by table, `data_units` whole."""
        self.of, self.alone = of, buckets == 1
        self._inputs = inputs
        self._made: dict[Callable[[Bucket], Any], Any] = {}
        self.units = units_of(unit_index(read_parts(inputs["data_units"])), bucket, buckets)
        self._rows = self._ordered()
        self._as_stored = np.array_equal(self._rows, np.arange(self._n_stored))
        self.objects = self._objects()

    def once(self, make: Callable[["Bucket"], T]) -> T:
        """What `make` makes of the bucket, made when it is first asked for: for what several metrics need."""
        if make not in self._made:
            self._made[make] = make(self)
        return self._made[make]

    @property
    def predicted(self) -> bool:
        """Whether its objects are predictions."""
        return self.of == "prediction"

    def column(self, name: str) -> pa.Array:
        """A column of `predictions` or `ground_truth`, a value an object."""
        stored = self._stored(name)
        return stored if self._as_stored else stored.take(pa.array(self._rows))

    @cached_property
    def answers(self) -> pa.Table:
        """Answers of the bucket's units, as stored: `classifications_predictions` or `..._ground_truth`."""
        table = "classifications_predictions" if self.predicted else "classifications_ground_truth"
        paths = self._inputs.get(table, ())
        rows = read_parts(paths) if paths else _TABLES[table].schema.empty_table()
        return rows.filter(pc.is_in(rows["unit_key"], pa.array(self.units.key)))

    @cached_property
    def place(self) -> Array:
        """int64[highest unit_key + 1]: place of a unit in `units` by its key; -1 elsewhere."""
        place = np.full(int(self.units.key.max(initial=0)) + 1, -1, np.int64)
        place[self.units.key] = np.arange(len(self.units.key))
        return place

    @cached_property
    def sequence(self) -> Array:
        """int64[U]: number of each unit's sequence."""
        return np.repeat(np.arange(len(self.units.sequence_indptr) - 1), np.diff(self.units.sequence_indptr))

    @cached_property
    def box_px(self) -> Array:
        """float64[N, 4]: x, y, w, h as the source gave it, else about mask or points."""
        return struct_matrix(self.column("bbox_px"), CORNER)

    @cached_property
    def size_px(self) -> Array:
        """float64[N, 2]: width and height of each object's unit."""
        return np.stack([self.units.width_px, self.units.height_px], axis=1)[self.objects.unit]

    @cached_property
    def masks(self) -> Masks:
        """Raster masks: of bitmasks, and of polygons as COCO draws them."""
        width_px, height_px = self.size_px.astype(np.int64).T
        counts = pc.struct_field(self.column("mask"), "counts")
        return Masks(*bytes_parts(counts), np.ascontiguousarray(height_px), np.ascontiguousarray(width_px))

    @cached_property
    def hu_moments(self) -> Array:
        """float64[N, 7]: Hu's moments of objects with a raster mask; NaN of others."""
        masks = self.masks
        return mask_hu_moments(masks.data, masks.offsets, masks.height_px)

    def is_shape(self, *names: str) -> Array:
        """bool[N]: objects of one of these shapes."""
        return np.isin(self.objects.shape, [SHAPE_NAMES.index(name) for name in names])

    @property
    def _table(self) -> str:
        return "predictions" if self.predicted else "ground_truth"

    def _stored(self, name: str) -> pa.Array:
        """A column in the order of the files; null where they were written before there was such a column."""
        paths, schema = self._inputs.get(self._table, ()), _TABLES[self._table].schema
        rows = read_parts(paths, [name]) if paths else schema.empty_table()
        return one_chunk(rows[name]) if name in rows.column_names else pa.nulls(self._n_stored, schema.field(name).type)

    def _units_places(self, keys: Array) -> Array:
        known = keys < len(self.place)
        return np.where(known, self.place[np.where(known, keys, 0)], -1)

    def _ordered(self) -> Array:
        """int64[N]: rows of the stored table in the order of the objects; files may hold units of other buckets."""
        unit = self._units_places(numbers(self._stored("unit_key")))
        self._n_stored = len(unit)
        rows = np.flatnonzero(unit >= 0)
        key = numbers(self._stored(f"{self.of}_key"))
        return rows[np.lexsort((key[rows], unit[rows]))]

    def _objects(self) -> Objects:
        unit = self._units_places(numbers(self.column("unit_key")))
        n = len(unit)
        score = numbers(self.column("score")).astype(float) if self.predicted else np.full(n, np.nan)
        shape = lookup(self.column("shape"), {name: k for k, name in enumerate(SHAPE_NAMES)}, NO_SHAPE)
        return Objects(
            key=numbers(self.column(f"{self.of}_key")),
            unit=unit,
            indptr=np.searchsorted(unit, np.arange(len(self.units.key) + 1)).astype(np.int64),
            category=numbers(self.column("category_key")).astype(np.int64),
            score=score,
            track=self._tracks(unit),
            shape=shape,
        )

    def _tracks(self, unit: Array) -> Array:
        """int64[N]: tracks numbered in the order in which they first appear."""
        words = self.column("track_id").dictionary_encode()
        code = numbers(words.indices, missing=-1).astype(np.int64)
        known = np.flatnonzero(code >= 0)
        pair = self.sequence[unit[known]] * max(len(words.dictionary), 1) + code[known]
        _, first, number = np.unique(pair, return_index=True, return_inverse=True)
        rank = np.empty(len(first), np.int64)
        rank[np.argsort(first, kind="stable")] = np.arange(len(first))
        track = np.full(len(unit), -1, np.int64)
        track[known] = rank[number]
        return track
