"""Checks a project on an object store: every live part to the byte, and that nothing lies where readers glob."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tasks.storage.commits import FileEntry
from tasks.storage.layout import META
from tasks.storage.objects import bucket
from tasks.storage.objects.parts import check_content
from tasks.storage.partitions import Partition
from tasks.storage.state import State

_AT_ONCE = 8


def problems(state: State) -> Iterator[str]:
    """A line for each part that is missing or not as recorded, and for what lies outside `_meta`."""
    found = {item.path: item.bytes for item in bucket.listed(state.project)}
    work = [(partition, file) for partition in state.live.values() for file in partition.files]
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="verify") as pool:
        for lines in pool.map(lambda item: _check(item[0], item[1], found), work):
            yield from lines
    for path in found:
        relative = path.relative_to(state.project)
        if relative.parts[0] != META:
            yield f"{relative}: an object that no commit published"


def _check(partition: Partition, file: FileEntry, found: dict[Path, int]) -> list[str]:
    """The lines for one live part, which begin with its place in the project."""
    lines = check_content(partition.folder, file, found.get(partition.folder / file.path))
    return [f"{partition.place.path}/{line}" for line in lines]
