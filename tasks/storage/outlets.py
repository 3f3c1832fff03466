"""Where the parts of a partition are written: into its folder, or by way of a local file to an object store."""

from pathlib import Path
from typing import Protocol

from schemas.names import is_object_store
from tasks.storage import disk
from tasks.storage.commits import FileEntry


class Outlet(Protocol):
    """Takes the parts of one partition."""

    def begin(self, name: str) -> Path:
        """The local file to write the part of this name to."""

    def keep(self, path: Path, part: FileEntry) -> FileEntry:
        """Take a finished part; the entry for the commit."""

    def drop(self, path: Path) -> None:
        """Let go of a part that was not finished."""


class FolderOutlet:
    """Parts lie where they were written."""

    def __init__(self, partition: Path) -> None:
        """`partition` is the folder."""
        self._partition = partition

    def begin(self, name: str) -> Path:
        """A file in its bucket's folder."""
        path = self._partition / name
        disk.make_folder(path.parent)
        return path

    def keep(self, path: Path, part: FileEntry) -> FileEntry:
        """It is there already."""
        return part

    def drop(self, path: Path) -> None:
        """It is swept with the staging folder."""


def outlet_of(partition: Path) -> Outlet:
    """The outlet for a partition's place."""
    if is_object_store(partition):
        from tasks.storage.objects.parts import BucketOutlet

        return BucketOutlet(partition)
    return FolderOutlet(partition)
