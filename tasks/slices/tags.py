"""A user's own columns of data units: a Parquet file, joined by data_hash, and by frame where it has that column."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from schemas.errors import InputError
from schemas.judging import Array
from tasks.columns import numbers
from tasks.confined import Confined
from tasks.confined.limits import Limits
from tasks.slices.tags_child import KEYS
from tasks.storage import FileSource

_LIMITS = Limits(memory_bytes=2 << 30, cpu_seconds=60, wall_seconds=120.0)
_LARGEST = 256 << 20


class Tags(NamedTuple):
    """Tags of U data units."""

    table: pa.Table
    """U rows in the order of the units; null where the file has no row for a unit."""
    sha256: str
    unknown: int
    """Rows of the file that are about no data unit of the project."""


def read_tags(path: Path, wanted: Sequence[str], units: pa.Table) -> Tags:
    """The wanted columns that the file has, for each of the units.

    InputError where the file is missing, larger than 256 MB, damaged, has no data_hash, or two rows for one unit.
    """
    source = FileSource(path)
    if source.size > _LARGEST:
        raise InputError(f"{source.size:,} bytes; at most {_LARGEST:,} are read", where=str(path))
    rows = _rows(source.read(), tuple(sorted(wanted)), str(path))
    keys = [name for name in KEYS if name in rows.column_names]
    place = _places(rows, units, keys, path)
    known = np.unique(place[place >= 0])
    table = rows.drop_columns(keys).take(pa.array(place, mask=place < 0))
    return Tags(table, source.sha256(), len(rows) - len(known))


@lru_cache(maxsize=1)
def _rows(content: bytes, wanted: tuple[str, ...], where: str) -> pa.Table:
    """Keys and wanted columns of a file; the last one is remembered, since several protocols ask for it."""
    names = orjson.dumps(wanted)
    parts = (len(names).to_bytes(8, "little"), names, len(content).to_bytes(8, "little"), content)
    with Confined("tasks.slices.tags_child", _LIMITS, where) as process:
        return pa.Table.from_batches([process.ask(b"".join(parts))])


def _places(rows: pa.Table, units: pa.Table, keys: Sequence[str], path: Path) -> Array:
    """int64[U]: row of each unit; -1: none. InputError where two rows are about one unit."""
    if rows.select(keys).filter(pc.is_null(rows[keys[0]])).num_rows:
        raise InputError(f"a row without {keys[0]}", where=str(path))
    both = pa.concat_tables([rows.select(keys), units.select(keys).cast(rows.select(keys).schema)])
    code = np.zeros(len(both), np.int64)
    for name in keys:
        column = both[name].combine_chunks().dictionary_encode()
        code = code * (len(column.dictionary) + 1) + numbers(column.indices, missing=len(column.dictionary))
    of_rows, of_units = code[: len(rows)], code[len(rows) :]
    order = np.argsort(of_rows, kind="stable")
    twice = np.flatnonzero(np.diff(of_rows[order]) == 0)
    if len(twice):
        first = rows.select(keys).slice(int(order[twice[0] + 1]), 1).to_pylist()[0]
        said = ", ".join(f"{name} {value!r}" for name, value in first.items())
        raise InputError(f"{len(twice):,} data units have several rows, such as {said}", where=str(path))
    if len(order) == 0:
        return np.full(len(units), -1, np.int64)
    at = np.minimum(np.searchsorted(of_rows[order], of_units), len(order) - 1)
    return np.where(of_rows[order][at] == of_units, order[at], -1)
