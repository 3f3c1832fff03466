"""Writes the parts of one bucket: Parquet whose bytes depend on the sequence of rows and on nothing else."""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from types import TracebackType

import pyarrow as pa

from schemas.records import Run
from schemas.tables import Table
from tasks.storage import disk
from tasks.storage.commits import FileEntry
from tasks.storage.encoding import PART_BYTES, Layout, layout_of
from tasks.storage.layout import bucket_folder, part_file
from tasks.storage.outlets import outlet_of
from tasks.storage.parquet import Encoded, ParquetFile, encoded
from tasks.storage.rowgroups import RowGroup, RowGroups

_BUFFER_BYTES = 1 << 20


class PartWriter:
    """Takes rows in order and leaves `part-*.parquet` in a bucket's folder of a staged partition.

    One thread at a time; writers of different buckets run side by side (Arrow encodes and hashlib digests without the
    interpreter lock). A writer that got no rows leaves one file of none, so that globs always find the schema.
    It holds one row group of rows (a few tens of MB). StoreError where the disk refuses.
    """

    def __init__(
        self,
        partition: Path,
        bucket: int,
        table: Table,
        done: Callable[[list[FileEntry]], None] | None = None,
        part_bytes: int = PART_BYTES,
        share: int = 1,
    ) -> None:
        """Write below the folder `partition`; `done` is told the finished files when the writer is closed.

        It holds up to 1 / `share` of a row group, which is then as large.
        """
        self.bucket = bucket
        self._outlet, self._done = outlet_of(partition), done
        self._layout = layout_of(table)
        self._groups = RowGroups(table, share)
        self._part_bytes = part_bytes
        self._files: list[FileEntry] = []
        self._part: _Part | None = None
        self._closed = False

    def write(self, data: pa.Table | pa.RecordBatch) -> None:
        """Append rows. ValueError where a column is unknown, missing or null against the schema."""
        for group in self._pushed([data]):
            self._append(self._encode(group))

    def write_all(self, pieces: Iterable[pa.Table], run: Run) -> None:
        """Append all rows there are: row groups are encoded on `run` while the next pieces are made."""
        for group in run(self._encode_now, chain(self._pushed(pieces), self._groups.rest()), label="write"):
            self._append(group)

    def _pushed(self, pieces: Iterable[pa.Table | pa.RecordBatch]) -> Iterator[RowGroup]:
        """The row groups that became full."""
        if self._closed:
            raise ValueError("the writer is closed")
        for piece in pieces:
            yield from self._groups.push(piece)

    def close(self) -> list[FileEntry]:
        """Write what is left; the finished files, in order. Again: the same."""
        if not self._closed:
            for group in self._groups.rest():
                self._append(self._encode(group))
            if self._part is not None or not self._files:
                self._finish(self._part or self._begin())
            self._closed = True
            if self._done is not None:
                self._done(self._files)
        return self._files

    def abandon(self) -> None:
        """Let go of an unfinished part; its bytes are swept with the staging folder."""
        self._closed = True
        if self._part is not None:
            self._part.abandon()
            self._outlet.drop(self._part.path)

    def __enter__(self) -> "PartWriter":
        """The writer itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; after an error, abandon."""
        if kind is None:
            self.close()
        else:
            self.abandon()

    def _encode(self, group: RowGroup) -> Encoded:
        return encoded(group, self._layout)

    def _encode_now(self, group: RowGroup) -> Encoded:
        """All columns of it, not each when it is written."""
        rows, chunks = self._encode(group)
        return Encoded(rows, list(chunks))

    def _append(self, group: Encoded) -> None:
        self._part = self._part or self._begin()
        self._part.append(group)
        if self._part.bytes >= self._part_bytes:
            self._finish(self._part)

    def _begin(self) -> "_Part":
        name = f"{bucket_folder(self.bucket)}/{part_file(len(self._files))}"
        return _Part(self._outlet.begin(name), name, self._layout)

    def _finish(self, part: "_Part") -> None:
        self._files.append(self._outlet.keep(part.path, part.finish()))
        self._part = None


class _Part:
    """One file under way: bytes are counted and digested as they pass, so nothing is read twice."""

    def __init__(self, path: Path, name: str, layout: Layout) -> None:
        self.path, self._name = path, name
        self._digest = hashlib.sha256()
        self._rows = 0
        self.bytes = 0
        with disk.guarded("write", path):
            self._file = io.BufferedWriter(io.FileIO(path, "x"), _BUFFER_BYTES)
            self._parquet = ParquetFile(self._write, layout)

    def _write(self, data: bytes | memoryview) -> None:
        self._digest.update(data)
        self.bytes += memoryview(data).nbytes
        self._file.write(data)

    def append(self, group: Encoded) -> None:
        with disk.guarded("write", self.path):
            self._parquet.append(group)
        self._rows += group.rows

    def finish(self) -> FileEntry:
        with disk.guarded("write", self.path):
            self._parquet.finish()
            self._file.close()
        return FileEntry(self._name, self._rows, self.bytes, self._digest.hexdigest())

    def abandon(self) -> None:
        with suppress(OSError):  # what is buffered may not fit; the file is closed all the same
            self._file.close()
