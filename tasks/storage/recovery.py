"""What a dead run leaves is finished or swept: recorded commits roll forward, staging without a living run goes.

A commit is decided when its record is linked. Its renames can be repeated from any point: what is at its target is not
moved again. `_meta/lock` is held, so commits are applied one after the other, in order.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

from tasks.storage import disk
from tasks.storage.commits import Add, Commit
from tasks.storage.layout import META
from tasks.storage.state import CommitLog

KEPT_S = 24 * 3600.0
"""How long what a dead run had done waits for a run of the same work."""

_MARK = "work"
_HERITAGE = ("live", "scratch")


def recover(project: Path, log: CommitLog) -> list[str]:
    """Finish recorded commits and sweep the staging of dead runs; the ids of the swept, none if all was in order."""
    with disk.locked(lock_file(project)):
        finish(project, log)
        return sweep(project)


def finish(project: Path, log: CommitLog) -> None:
    """Roll forward every commit that was recorded and not applied. The caller holds the lock."""
    for commit in log.pending():
        roll_forward(project, commit)
        log.mark_applied(commit.number)


def roll_forward(project: Path, commit: Commit) -> None:
    """Move removed partitions to the trash, then added ones to their places; a reader sees old, nothing, new."""
    added = {add.partition: add for add in commit.adds}
    for removed in commit.removes:
        add = added.get(removed.partition)
        if add is None or _waits(project, add):
            _discard(project, removed.partition, commit.number)
    for add in commit.adds:
        if _waits(project, add):
            target = project / add.partition
            disk.refuse_links(project, target.parent)
            disk.move(project / META / add.source, target)
    for removed in commit.removes:
        disk.drop_empty((project / removed.partition).parent, project)


def sweep(project: Path, keep: bool = False) -> list[str]:
    """Remove what dead runs staged; with `keep`, not what a run of the same work may take up.

    The caller holds the lock, under which a living run takes its own.
    """
    swept = []
    for entry in _staging(project):
        path = Path(entry.path)
        if not entry.is_dir(follow_symlinks=False):
            disk.unlink(path)
        elif not (keep and _may_be_taken_up(path)) and _sweep_run(path):
            swept.append(entry.name)
    return swept


def mark(folder: Path, work: str) -> None:
    """Say what the run that stages in `folder` works at: should it die, what it has done is kept for a day."""
    disk.write_new(folder / _MARK, work.encode())


def inherit(project: Path, work: str, heir: Path) -> bool:
    """Move what a dead run of the same work staged into the staging folder `heir`; whether there was such a run.

    The caller holds the lock.
    """
    for entry in _staging(project):
        if entry.is_dir(follow_symlinks=False) and _mark_of(Path(entry.path)) == work and _move(Path(entry.path), heir):
            return True
    return False


def leave(project: Path, folder: Path, let_go: Callable[[], None]) -> None:
    """Remove the staging folder of a run that ends; `let_go` drops its lock.

    What may be much goes first. The lock goes while the project is locked: in between, another run's sweep would make
    a new one, take the folder for a dead run's, and the two would remove it under each other.
    """
    for name in _HERITAGE:
        disk.remove_tree(folder / name)
    with disk.locked(lock_file(project)):
        let_go()  # a network file system keeps a file that is open, under another name, and with it the folder
        disk.remove_tree(folder)


def lock_file(project: Path) -> Path:
    """The file whose lock a process holds while it commits, recovers or begins."""
    return project / META / "lock"


def trash_folder(project: Path, number: int) -> Path:
    """Where a commit's removed partitions lie, under their own paths."""
    return project / META / "trash" / f"{number:08d}"


def _waits(project: Path, add: Add) -> bool:
    return (project / META / add.source).is_dir()


def _discard(project: Path, partition: str, number: int) -> None:
    live, trashed = project / partition, trash_folder(project, number) / partition
    if live.is_dir() and not trashed.exists():
        disk.refuse_links(project, live)
        disk.move(live, trashed)


def _staging(project: Path) -> list[os.DirEntry[str]]:
    staging = project / META / "staging"
    with disk.guarded("list staging", staging):
        return sorted(os.scandir(staging), key=lambda entry: entry.name)


def _mark_of(folder: Path) -> str | None:
    """What the run of a staging folder works at; None where nobody is to take it up."""
    path = folder / _MARK
    with disk.guarded("look at staging", path):
        return path.read_text() if path.is_file() and not path.is_symlink() else None


def _may_be_taken_up(folder: Path) -> bool:
    if _mark_of(folder) is None:
        return False
    with disk.guarded("look at staging", folder):
        return time.time() - (folder / _MARK).stat().st_mtime < KEPT_S


def _move(folder: Path, heir: Path) -> bool:
    """Hand a folder's heritage on and remove the rest of it; False where its run is alive."""
    with disk.guarded("lock staging", folder):
        handle = disk.claim(folder / "lock")
    if handle is None:
        return False
    try:
        for name in _HERITAGE:
            if (folder / name).is_dir():
                disk.remove_tree(heir / name)
                disk.move(folder / name, heir / name)
    finally:
        os.close(handle)
    disk.remove_tree(folder)
    return True


def _sweep_run(folder: Path) -> bool:
    with disk.guarded("lock staging", folder):
        handle = disk.claim(folder / "lock")
    if handle is None:
        return False
    os.close(handle)
    disk.remove_tree(folder)
    return True
