"""A live partition: its place, its files as the commit lists them, and its rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.names import place_text
from tasks.storage.checks import check_bytes
from tasks.storage.commits import FileEntry
from tasks.storage.encoding import FOLDER_COLUMNS
from tasks.storage.layout import Place, bucket_of
from tasks.storage.reading import local_part, reading


@dataclass(frozen=True, slots=True)
class Partition:
    """What one commit published in one place; its files lie in `folder`."""

    folder: Path
    place: Place
    commit: int
    files: tuple[FileEntry, ...]

    @property
    def location(self) -> str:
        """Its folder as people and other programs write it."""
        return place_text(self.folder)

    @property
    def rows(self) -> int:
        """Rows of all files."""
        return sum(file.rows for file in self.files)

    @property
    def bytes(self) -> int:
        """Bytes of all files."""
        return sum(file.bytes for file in self.files)

    def damages(self) -> list[str]:
        """A line for every file that is not what was published, to the byte; none where all is well."""
        return check_bytes(self.folder, self.files, self.place.table)

    @property
    def columns(self) -> list[str]:
        """The columns that its files have; StoreError where a file is gone or damaged."""
        return list(_open(self.paths[0]).schema_arrow.names)

    @property
    def buckets(self) -> dict[int, list[Path]]:
        """The files of every bucket, in order of their rows; a bucket without rows has one file all the same."""
        found: dict[int, list[Path]] = {}
        for file in sorted(self.files, key=lambda file: file.path):
            bucket = bucket_of(file.path.partition("/")[0])
            assert bucket is not None, "the commit record was checked when it was read"
            found.setdefault(bucket, []).append(self.folder / file.path)
        return dict(sorted(found.items()))

    @property
    def paths(self) -> list[Path]:
        """All files, by bucket."""
        return [path for paths in self.buckets.values() for path in paths]

    def read(self, columns: Sequence[str] | None = None, bucket: int | None = None) -> pa.Table:
        """Rows of a bucket (of all when None) with the table's own types; of no rows, a table with the columns.

        StoreError where a file is gone or damaged.
        """
        paths = self._paths_of(bucket)
        if not paths:
            empty = _plain(_open(self.paths[0]).schema_arrow.empty_table())
            return empty if columns is None else empty.select(list(columns))
        return pa.concat_tables(_read(path, columns) for path in paths)

    def row_groups(self, columns: Sequence[str] | None = None, bucket: int | None = None) -> Iterator[pa.Table]:
        """The rows of a bucket (of all when None) one row group at a time, for tables larger than memory."""
        for path in self._paths_of(bucket):
            file = _open(path)
            for group in range(file.num_row_groups):
                with reading(path):
                    rows = _plain(file.read_row_group(group, columns=columns))
                yield rows

    def _paths_of(self, bucket: int | None) -> list[Path]:
        return self.paths if bucket is None else self.buckets.get(bucket, [])


def _open(path: Path) -> pq.ParquetFile:
    with reading(path):
        return pq.ParquetFile(local_part(path))


def _read(path: Path, columns: Sequence[str] | None) -> pa.Table:
    with reading(path):
        return _plain(_open(path).read(columns=columns))


def _plain(table: pa.Table) -> pa.Table:
    """Give the columns that are declared as a folder's value the string type of their table."""
    for name in FOLDER_COLUMNS:
        position = table.schema.get_field_index(name)
        if position >= 0:
            field = table.schema.field(position).with_type(pa.string())
            table = table.set_column(position, field, table.column(position).cast(pa.string()))
    return table.replace_schema_metadata(None)
