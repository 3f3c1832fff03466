"""Checks a project against its commit records: every live file, to the byte, and nothing else where readers glob."""

import errno
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import StoreError
from tasks.storage import disk, recovery
from tasks.storage.checks import check_content
from tasks.storage.commits import FileEntry
from tasks.storage.layout import META
from tasks.storage.partitions import Partition
from tasks.storage.state import CommitLog, State
from tasks.storage.trash import stray_trash

_MAY_ONLY_BE_READ = {errno.EROFS, errno.EACCES, errno.EPERM}

Check = Callable[[State], Iterator[str]]
"""A line for everything that is wrong in a state."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked, and a line for everything wrong; `problems` is empty for a sound project."""

    commits: int
    partitions: int
    files: int
    rows: int
    bytes: int
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether there is no problem."""
        return not self.problems


def verify(project: Path, log: CommitLog, threads: int = 2) -> Report:
    """Check every live file's presence, bytes, sha256, rows and metadata, and that nothing else lies beside them.

    Interrupted commits are finished first, unless the store may only be read, as a backup may. Where another run
    publishes meanwhile and something seems wrong, the check is made again. A project without commits is sound.
    """
    try:
        with _unless_read_only():
            recovery.recover(project, log)
        return report_of(log, lambda state: _problems(state, threads))
    except StoreError as error:
        return Report(0, 0, 0, 0, 0, (str(error),))


@contextmanager
def _unless_read_only() -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        if not isinstance(error.__cause__, OSError) or error.__cause__.errno not in _MAY_ONLY_BE_READ:
            raise


def report_of(log: CommitLog, check: Check) -> Report:
    """What a check finds; made again where something seems wrong and another run published meanwhile."""
    state = log.state()
    report = _once(state, check)
    while not report.sound and log.state().last != state.last:
        state = log.state()
        report = _once(state, check)
    return report


def _once(state: State, check: Check) -> Report:
    try:
        problems = tuple(check(state))
    except StoreError as error:
        problems = (str(error),)
    live = list(state.live.values())
    files = sum(len(partition.files) for partition in live)
    rows, size = sum(partition.rows for partition in live), sum(partition.bytes for partition in live)
    return Report(len(state.commits), len(live), files, rows, size, problems)


def _problems(state: State, threads: int) -> Iterator[str]:
    work = [(partition, file) for partition in state.live.values() for file in partition.files]
    with ThreadPoolExecutor(threads) as pool:
        for found in pool.map(lambda item: _check(*item), work):
            yield from found
    yield from _strays(state)
    for path in stray_trash(state):
        yield f"{path.relative_to(state.project)}: belongs to no commit"


def _check(partition: Partition, file: FileEntry) -> list[str]:
    """The lines for one live file, which begin with its path relative to the project."""
    lines = check_content(partition.folder, file, partition.place.table)
    return [f"{partition.place.path}/{line}" for line in lines]


def _strays(state: State) -> Iterator[str]:
    """Files, links and folders below the project that no commit published; readers would take them for data."""
    files = {f"{path}/{file.path}" for path, partition in state.live.items() for file in partition.files}
    folders = {str(parent) for file in files for parent in Path(file).parents}
    waiting = [state.project]
    while waiting:
        folder = waiting.pop()
        with disk.guarded("list", folder):
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        for entry in entries:
            path = os.path.relpath(entry.path, state.project)
            if path == META or (path in files and entry.is_file(follow_symlinks=False)):
                continue
            if path in folders and entry.is_dir(follow_symlinks=False):
                waiting.append(Path(entry.path))
            else:
                yield f"{path}: {_what(entry)} that no commit published"


def _what(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "a symbolic link"
    return "a folder" if entry.is_dir() else "a file"
