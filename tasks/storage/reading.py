"""Reads part files given by path: what a shard of work is handed, in this process or another."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.errors import StoreError
from schemas.names import is_object_store, place_text
from tasks.storage import disk


def read_parts(
    paths: Sequence[str | Path],
    columns: Sequence[str] | None = None,
    texts: Sequence[str] = (),
    threads: bool = False,
) -> pa.Table:
    """The rows of part files of one table, in order; at least one path (a bucket without rows has an empty file).

    `texts` are Parquet paths of text columns to hand over dictionary-encoded. `threads` reads columns side by side,
    which only pays where nobody has other work. StoreError where a file is gone or damaged.
    """
    groups = [group for path in paths for group in _read(Path(path), columns, texts, threads)]
    return (groups[0] if len(groups) == 1 else pa.concat_tables(groups)).unify_dictionaries()


def local_part(path: Path) -> Path:
    """The part itself, or a copy of it on this machine where it lies on an object store."""
    if is_object_store(path):
        from tasks.storage.objects.local import local_copy

        return local_copy(path)
    return path


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what goes wrong while a published file is read into a StoreError that names it.

    Of what is damaged Arrow says so as of an operating system's error without a number.
    """
    try:
        with disk.guarded("read a published file", path):
            try:
                yield
            except OSError as error:
                if error.errno:
                    raise
                raise pa.ArrowInvalid(str(error)) from error
    except pa.ArrowInvalid as error:
        raise StoreError(
            f"the file is damaged: {error}", where=place_text(path), hint="boxscore verify tells more"
        ) from error


def _read(path: Path, columns: Sequence[str] | None, texts: Sequence[str], threads: bool) -> list[pa.Table]:
    """A file's rows, in one piece where they hold no dictionaries; else a table for each row group.

    Nested dictionaries Arrow cannot read across several row groups.
    """
    names = None if columns is None else list(columns)
    with reading(path), pq.ParquetFile(local_part(path), read_dictionary=list(texts)) as file:
        groups = range(file.num_row_groups if texts else 0)
        tables = [file.read_row_group(k, columns=names, use_threads=threads) for k in groups]
        tables = tables or [file.read(columns=names, use_threads=threads)]
    return [table.replace_schema_metadata(None) for table in tables]
