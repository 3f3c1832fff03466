"""Parts that are published again as they are: another name for the same bytes, where the disk can give it one."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from tasks.storage import disk
from tasks.storage.commits import FileEntry
from tasks.storage.layout import bucket_folder, part_file
from tasks.storage.outlets import outlet_of
from tasks.storage.reading import local_part


def reuse_parts(paths: Sequence[str], entries: Sequence[FileEntry], partition: Path, bucket: int) -> list[FileEntry]:
    """Put the parts of one bucket, as they were committed, into the folder `partition`; their entries there.

    StoreError where one of them is gone.
    """
    outlet, kept = outlet_of(partition), []
    for number, (path, entry) in enumerate(zip(paths, entries, strict=True)):
        name = f"{bucket_folder(bucket)}/{part_file(number)}"
        target = outlet.begin(name)
        _same_bytes(local_part(Path(path)), target)
        kept.append(outlet.keep(target, FileEntry(name, entry.rows, entry.bytes, entry.sha256)))
    return kept


def _same_bytes(source: Path, target: Path) -> None:
    """A second name for a file that nobody writes to again; a copy where the disk knows no such thing."""
    with disk.guarded("read a published file", source):
        try:
            os.link(source, target, follow_symlinks=False)
        except OSError:
            shutil.copyfile(source, target)
