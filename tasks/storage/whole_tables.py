"""Tables that every bucket's work reads whole: read once a process, and not once a bucket."""

import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import pyarrow as pa

from schemas.names import is_object_store
from tasks.storage.reading import read_parts

Stamp = tuple[int, int] | None
"""Size and time of change of a file; None of what is not there, and of an object, which stays as it is."""

_ONE_AT_A_TIME = threading.Lock()


def read_whole(paths: Sequence[str], columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of part files, at least one, in order; the same table again where the files are those of before."""
    stamps = tuple(_stamp(path) for path in paths)
    with _ONE_AT_A_TIME:  # two that ask at once would both read
        return _read(tuple(paths), None if columns is None else tuple(columns), stamps)


def _stamp(path: str) -> Stamp:
    place = Path(path)
    if is_object_store(place) or not place.exists():
        return None
    found = place.stat()
    return found.st_size, found.st_mtime_ns


@lru_cache(maxsize=4)
def _read(paths: tuple[str, ...], columns: tuple[str, ...] | None, _stamps: tuple[Stamp, ...]) -> pa.Table:
    return read_parts(paths, columns, threads=True)  # whoever needs it waits for it


def forget_whole() -> None:
    """Let go of what was read."""
    _read.cache_clear()
