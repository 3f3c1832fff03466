"""Records gathered one by one, as a batch of RECORDS: coordinates go into flat arrays, not through objects."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schemas.fields import BOX, KEYPOINT, MASK, POINT, ROTATED_BOX
from schemas.tables import RECORDS
from tasks.columns import completed, place
from tasks.encord.shapes import Geometry

Floats = npt.NDArray[np.float64]


class Identity(NamedTuple):
    """What a record says beside its geometry; its place in the file comes first."""

    source_row: int
    source_unit: str
    frame: int
    source_category: str
    track_id: str | None
    score: float | None


def _structs(kind: pa.DataType, flat: Sequence[float]) -> pa.Array:
    """A column of structs of float64, from the fields of each row in turn."""
    matrix: Floats = np.array(flat, np.float64).reshape(-1, len(kind))
    return pa.StructArray.from_arrays([pa.array(column.copy()) for column in matrix.T], fields=list(kind))


def _lists(rows: Sequence[Sequence[Any]], values: pa.Array, each: int = 1) -> pa.Array:
    """Lists over `values`, as many to a row as it has items; `each` items make one value."""
    offsets = np.fromiter(accumulate((len(row) // each for row in rows), initial=0), np.int32, len(rows) + 1)
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def _boxes(values: list[Any]) -> pa.Array:
    return _structs(BOX, list(chain.from_iterable(values)))


def _rotated_boxes(values: list[Any]) -> pa.Array:
    return _structs(ROTATED_BOX, list(chain.from_iterable(values)))


def _polygons(values: list[Any]) -> pa.Array:
    polygons = list(chain.from_iterable(values))
    rings = list(chain.from_iterable(polygons))
    points = _structs(POINT, list(chain.from_iterable(rings)))
    return _lists(values, _lists(polygons, _lists(rings, points, each=2)))


def _polylines(values: list[Any]) -> pa.Array:
    return _lists(values, _structs(POINT, list(chain.from_iterable(values))), each=2)


def _keypoints(values: list[Any]) -> pa.Array:
    flat: Floats = np.array(list(chain.from_iterable(value.flat for value in values)), np.float64).reshape(-1, 2)
    seen = pa.array(list(chain.from_iterable(value.visibility for value in values)), pa.int8())
    names = pa.array(list(chain.from_iterable(value.names for value in values)), pa.string())
    axes = [pa.array(axis.copy()) for axis in flat.T]
    points = pa.StructArray.from_arrays([*axes, seen, names], fields=list(KEYPOINT))
    return _lists([value.names for value in values], points)


def _masks(values: list[Any]) -> pa.Array:
    height, width, counts = zip(*values, strict=True)
    sides = [pa.array(side, pa.int32()) for side in (height, width)]
    return pa.StructArray.from_arrays([*sides, pa.array(counts, pa.binary())], fields=list(MASK))


_MAKERS = {
    "bbox": _boxes,
    "rotated_bbox": _rotated_boxes,
    "polygons": _polygons,
    "polyline": _polylines,
    "keypoints": _keypoints,
    "mask": _masks,
}


@dataclass(slots=True)
class RecordColumns:
    """Records of one file, in file order."""

    file: str
    rows: list[Identity] = field(default_factory=list)
    shapes: list[str] = field(default_factory=list)
    geometry: dict[str, tuple[list[int], list[Any]]] = field(default_factory=lambda: {c: ([], []) for c in _MAKERS})
    """Column of RECORDS -> (rows that have it, the values there)."""
    mask_bytes: int = 0

    def add(self, identity: Identity, geometry: Geometry) -> None:
        """Take a record."""
        where, values = self.geometry[geometry.column]
        where.append(len(self.rows))
        values.append(geometry.value)
        self.rows.append(identity)
        self.shapes.append(geometry.shape)
        if geometry.column == "mask":
            self.mask_bytes += len(geometry.value.counts)

    def batch(self) -> pa.RecordBatch:
        """All records as a batch of RECORDS; the object's hash is the source's id, too. Empty in, empty out."""
        count = len(self.rows)
        columns: dict[str, Any] = dict(zip(Identity._fields, zip(*self.rows, strict=True), strict=False))
        columns["source_id"] = columns.get("track_id", ())
        columns |= {"source_file": [self.file] * count, "coordinates": ["relative"] * count, "shape": self.shapes}
        for name, (where, values) in self.geometry.items():
            if values:
                columns[name] = place(_MAKERS[name](values), np.array(where), count)
        table = completed(columns, RECORDS.schema, count).combine_chunks()
        return table.to_batches()[0] if count else pa.RecordBatch.from_pylist([], schema=RECORDS.schema)
