"""What a dead run leaves is finished or swept: recorded commits roll forward, staging without a living run goes.

A commit is decided when its record is linked. Its renames can be repeated from any point: what is at its target is not
moved again. `_meta/lock` is held, so commits are applied one after the other, in order.
"""

import os
from pathlib import Path

from tasks.storage import disk
from tasks.storage.commits import Add, Commit
from tasks.storage.layout import META
from tasks.storage.state import CommitLog


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


def sweep(project: Path) -> list[str]:
    """Remove what dead runs staged. The caller holds the lock, under which a living run takes its own."""
    staging = project / META / "staging"
    with disk.guarded("list staging", staging):
        entries = sorted(os.scandir(staging), key=lambda entry: entry.name)
    swept = []
    for entry in entries:
        path = Path(entry.path)
        if not entry.is_dir(follow_symlinks=False):
            disk.unlink(path)
        elif _sweep_run(path):
            swept.append(entry.name)
    return swept


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


def _sweep_run(folder: Path) -> bool:
    with disk.guarded("lock staging", folder):
        handle = disk.claim(folder / "lock")
    if handle is None:
        return False
    try:
        disk.remove_tree(folder)
    finally:
        os.close(handle)
    return True
