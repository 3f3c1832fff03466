"""Parts on an object store: uploaded when they are finished, under a key that nothing else will ever have."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from schemas.errors import StoreError
from tasks.storage.commits import FileEntry
from tasks.storage.layout import with_digest
from tasks.storage.objects import bucket, local


class BucketOutlet:
    """Parts go to a place of a transaction; whoever reads them here has them already."""

    def __init__(self, partition: Path) -> None:
        """`partition` is the place."""
        self._partition = partition

    def begin(self, name: str) -> Path:
        """A file among the local copies."""
        return local.begin_file()

    def keep(self, path: Path, part: FileEntry) -> FileEntry:
        """Upload it under a name that says its sha256, and keep it as a local copy."""
        entry = msgspec.structs.replace(part, path=with_digest(part.path, part.sha256))
        bucket.put(self._partition / entry.path, path)
        local.keep_copy(path, part.sha256)
        return entry

    def drop(self, path: Path) -> None:
        """Remove the file."""
        path.unlink(missing_ok=True)


def check_objects(folder: Path, files: Sequence[FileEntry]) -> list[str]:
    """Lines for parts that are missing below a place, or of another size; none where all is well."""
    sizes = {item.path: item.bytes for item in bucket.listed(folder)}
    return [line for file in files for line in check_object(file, sizes.get(folder / file.path))]


def check_object(file: FileEntry, size: int | None) -> list[str]:
    """The lines for one part, whose object has `size` bytes, or is not there."""
    if size is None:
        return [f"{file.path}: the object is missing"]
    return [] if size == file.bytes else [f"{file.path}: {size} bytes, recorded as {file.bytes}"]


def check_contents(folder: Path, files: Sequence[FileEntry]) -> list[str]:
    """The lines of `check_objects`, and for bytes that are not the recorded ones; all parts are read."""
    sizes = {item.path: item.bytes for item in bucket.listed(folder)}
    return [line for file in files for line in check_content(folder, file, sizes.get(folder / file.path))]


def check_content(folder: Path, file: FileEntry, size: int | None) -> list[str]:
    """The lines for one part, to the byte."""
    lines = check_object(file, size)
    if lines:
        return lines
    digest = hashlib.sha256()
    try:
        for piece in bucket.pieces(folder / file.path):
            digest.update(piece)
    except StoreError as error:
        return [f"{file.path}: {error.message}"]
    return [] if digest.hexdigest() == file.sha256 else [f"{file.path}: its sha256 is not the recorded one"]
