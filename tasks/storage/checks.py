"""Whether files are what a commit says they are."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.names import is_object_store
from schemas.tables import SCHEMA_VERSION
from tasks.storage.commits import FileEntry


def check_files(folder: Path, files: Sequence[FileEntry], table: str) -> list[str]:
    """Lines for what is missing, of another size or row count, or not of `table`; none where all is well."""
    if is_object_store(folder):
        from tasks.storage.objects.parts import check_objects

        return check_objects(folder, files)
    return [problem for file in files for problem in check_file(folder, file, table)]


def check_bytes(folder: Path, files: Sequence[FileEntry], table: str) -> list[str]:
    """The lines of `check_files`, and for bytes that are not the recorded ones; all files are read."""
    if is_object_store(folder):
        from tasks.storage.objects.parts import check_contents

        return check_contents(folder, files)
    return [problem for file in files for problem in check_content(folder, file, table)]


def check_content(folder: Path, file: FileEntry, table: str) -> list[str]:
    """The lines for one file, to the byte."""
    lines = list(check_file(folder, file, table))
    if lines:
        return lines
    try:
        digest = sha256_of(folder / file.path)
    except OSError as error:
        return [f"{file.path}: cannot be read: {error.strerror}"]
    return [] if digest == file.sha256 else [f"{file.path}: its sha256 is not the recorded one"]


def check_file(folder: Path, file: FileEntry, table: str) -> Iterator[str]:
    """The lines for one file: size and footer, not the bytes between."""
    path = folder / file.path
    if path.is_symlink() or not path.is_file():
        yield f"{file.path}: the file is missing"
        return
    size = path.stat().st_size
    if size != file.bytes:
        yield f"{file.path}: {size} bytes, recorded as {file.bytes}"
        return
    try:
        footer = pq.read_metadata(path)
    except (OSError, pa.ArrowInvalid) as error:
        yield f"{file.path}: not a Parquet file: {error}"
        return
    if footer.num_rows != file.rows:
        yield f"{file.path}: {footer.num_rows} rows, recorded as {file.rows}"
    yield from _check_metadata(file.path, footer.metadata or {}, table)


def _check_metadata(path: str, metadata: dict[bytes, bytes], table: str) -> Iterator[str]:
    name = metadata.get(b"boxscore.table", b"").decode(errors="replace")
    version = metadata.get(b"boxscore.schema_version", b"").decode(errors="replace")
    if name != table:
        yield f"{path}: it says it is of table {name!r}, not {table!r}"
    if not version.isdecimal() or not 1 <= int(version) <= SCHEMA_VERSION:
        yield f"{path}: schema version {version!r} is not one of 1 to {SCHEMA_VERSION}"


def sha256_of(path: Path) -> str:
    """Digest of a file's bytes; hashlib works without the interpreter lock."""
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
