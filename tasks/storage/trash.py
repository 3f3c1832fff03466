"""What was deleted or replaced: listed, brought back, or gone for good."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from schemas.errors import InputError, StoreError
from tasks.storage import disk, recovery
from tasks.storage.checks import check_files
from tasks.storage.commits import Add, FileEntry
from tasks.storage.layout import META, Place
from tasks.storage.state import State


@dataclass(frozen=True, slots=True)
class Trashed:
    """A partition in the trash: the commit that put it there, when, and its files."""

    place: Place
    commit: int
    at: datetime
    files: tuple[FileEntry, ...]

    @property
    def bytes(self) -> int:
        """Bytes of all files."""
        return sum(file.bytes for file in self.files)

    @property
    def source(self) -> str:
        """Where it lies, relative to `_meta`."""
        return f"trash/{self.commit:08d}/{self.place.path}"


def list_trash(state: State) -> list[Trashed]:
    """What can be restored, newest first; empty where nothing was deleted, or all of it purged."""
    found = []
    for commit in reversed(state.commits.values()):
        for removed in commit.removes:
            adds = state.commits[removed.commit].adds
            files = next((add.files for add in adds if add.partition == removed.partition), ())
            trashed = Trashed(Place.parse(removed.partition), commit.number, commit.at, files)
            if (state.project / META / trashed.source).is_dir():
                found.append(trashed)
    return found


def restorable(state: State, commit: int) -> list[Add]:
    """What a commit removed, ready to be added again; InputError where it is purged or the commit removed nothing."""
    every = list_trash(state)
    trashed = [item for item in every if item.commit == commit]
    if not trashed:
        raise unknown_trash(commit, every)
    for item in trashed:
        folder = state.project / META / item.source
        problems = check_files(folder, item.files, item.place.table)
        if problems:
            raise StoreError(f"it cannot be restored: {problems[0]}", where=str(folder))
    return [Add(item.place.path, item.source, item.files) for item in trashed]


def unknown_trash(commit: int, trash: Iterable[Trashed]) -> InputError:
    """The error for a commit of which nothing is in the trash."""
    known = sorted({str(item.commit) for item in trash})
    hint = f"commits that can be restored: {', '.join(known)}" if known else "the trash is empty"
    return InputError(f"commit {commit} has nothing in the trash", hint=hint)


def purge(state: State, before: datetime) -> list[Trashed]:
    """Remove for good what was trashed before a time; what was removed. The caller holds the lock.

    Each commit's trash first moves to staging by one rename: nothing half-removed can ever be restored.
    """
    old = [item for item in list_trash(state) if item.at < before]
    for number in sorted({item.commit for item in old}):
        doomed = state.project / META / "staging" / f"purge-{number:08d}"
        disk.move(recovery.trash_folder(state.project, number), doomed)
        disk.remove_tree(doomed)
    return old


def stray_trash(state: State) -> list[Path]:
    """Folders of the trash that belong to no commit."""
    trash = state.project / META / "trash"
    known = {f"{number:08d}" for number in state.commits}
    with disk.guarded("list the trash", trash):
        return sorted(trash / name for name in os.listdir(trash) if name not in known)
