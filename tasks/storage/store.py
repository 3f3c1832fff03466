"""A store of projects: the way in to everything that is written and read back."""

import os
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from schemas.errors import InputError, StoreError
from schemas.names import checked_path, is_object_store, place_text
from tasks.storage import disk, recovery, trash
from tasks.storage.commits import Add, Commit
from tasks.storage.layout import META, check_name, unknown
from tasks.storage.partitions import Partition
from tasks.storage.state import CommitLog, State
from tasks.storage.transactions import Transaction
from tasks.storage.trash import Trashed
from tasks.storage.verify import Report, verify

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:(/|$)")


class Store:
    """A folder of projects, here or on an object store. It need not be there yet: making a project makes it."""

    def __init__(self, root: Path | str) -> None:
        """Only the store's own path may be a link; inside, none is followed. `s3://bucket/prefix` is on S3.

        InputError for a path that is not UTF-8, and for other addresses.
        """
        _refuse_address(str(root))
        self.root = Path(root) if is_object_store(root) else Path(os.path.abspath(root))
        try:
            checked_path(self.root)
        except ValueError as error:
            raise InputError(f"{error} (found {str(self.root)!r})", where="--store") from error

    @property
    def location(self) -> str:
        """Its folder as people and other programs write it."""
        return place_text(self.root)

    def projects(self) -> list[str]:
        """Names of the projects, none where there is no store."""
        if is_object_store(self.root):
            return _objects().project_names(self.root)
        if not self.root.exists():
            return []
        with disk.guarded("list the store", self.root):
            return sorted(entry.name for entry in os.scandir(self.root) if _is_project(Path(entry.path)))

    def project(self, name: str) -> "Project":
        """A project that is there. InputError for a name outside the grammar, or of no project, with near ones."""
        folder = self._folder(name)
        if not _is_project(folder):
            raise unknown(name, "project", self.projects())
        return _opened(folder)

    def create(self, name: str) -> "Project":
        """The project of this name, made where it is not there; StoreError where the store cannot be written."""
        folder = self._folder(name)
        if is_object_store(folder):
            _objects().make_project(folder)
            return _opened(folder)
        for part in ("commits", "staging", "trash", "numbers"):
            disk.make_folder(folder / META / part)
        return Project(folder)

    def _folder(self, name: str) -> Path:
        folder = self.root / check_name(name, "project")
        if not is_object_store(folder):
            disk.refuse_links(self.root, folder / META)
        return folder


class Project:
    """One project of a store: publishes partitions whole, and knows what is live. Threads may share it."""

    def __init__(self, folder: Path) -> None:
        """Use `Store.project` or `Store.create`, which check the name."""
        self.folder = folder
        self._log = CommitLog(folder)

    @property
    def location(self) -> str:
        """Its folder as people and other programs write it."""
        return place_text(self.folder)

    @property
    def name(self) -> str:
        """Name of the project."""
        return self.folder.name

    def begin(self, run_id: str | None, what: str) -> Transaction:
        """Begin a run's transaction, after recovering what dead runs left; StoreError where `run_id` is under way."""
        return Transaction(self.folder, self._log, run_id, what)

    def state(self) -> State:
        """What is live, and every commit; interrupted commits are finished first."""
        if self._log.pending():
            with disk.locked(recovery.lock_file(self.folder)):
                recovery.finish(self.folder, self._log)
        return self._log.state()

    def live(
        self, table: str | None = None, set_name: str | None = None, protocol: str | None = None
    ) -> list[Partition]:
        """Live partitions, by place; none where there is none. StoreError where one is not on the disk."""
        partitions = self.state().partitions(table, set_name, protocol)
        for partition in partitions:
            disk.refuse_links(self.folder, partition.folder)
            if not partition.folder.is_dir():
                hint = "boxscore verify tells what else is missing"
                raise StoreError("a published folder is missing", where=str(partition.folder), hint=hint)
        return partitions

    def require_set(self, set_name: str, table: str = "predictions") -> Partition:
        """The live partition of a set. InputError for a name outside the grammar, or of no set, with near ones."""
        check_name(set_name, "prediction set")
        state = self.state()
        found = state.partitions(table, set_name)
        if not found:
            raise unknown(set_name, "prediction set", state.set_names(table))
        return found[0]

    def remove(self, partitions: Sequence[Partition], record: Mapping[str, Any], what: str = "delete") -> Commit:
        """Move partitions to the trash, all in one commit; StoreError where one is not live any more."""
        with self.begin(None, what) as transaction:
            return transaction.commit(record, replaces=partitions)

    def trash(self) -> list[Trashed]:
        """What can be restored, newest first."""
        return trash.list_trash(self.state())

    def restore(self, commit: int, record: Mapping[str, Any], replaces: Sequence[Partition] = ()) -> Commit:
        """Bring back all that a commit removed. InputError where it is purged; StoreError where its place is taken."""
        with self.begin(None, "restore") as transaction:
            for add in self._restorable(commit):
                transaction.bring_back(add)
            return transaction.commit(record, replaces=replaces)

    def _restorable(self, commit: int) -> list[Add]:
        return trash.restorable(self.state(), commit)

    def purge(self, before: datetime) -> list[Trashed]:
        """Remove for good what was trashed before a time (with time zone); what that was."""
        if before.tzinfo is None:
            raise InputError(f"{before} has no time zone")
        return self._purge(before)

    def _purge(self, before: datetime) -> list[Trashed]:
        with disk.locked(recovery.lock_file(self.folder)):
            recovery.finish(self.folder, self._log)
            return trash.purge(self._log.state(), before)

    def recover(self) -> list[str]:
        """Finish interrupted commits, sweep the staging of dead runs; the ids of the swept."""
        return recovery.recover(self.folder, self._log)

    def verify(self) -> Report:
        """Check every live file to the byte, and that nothing else lies where readers glob."""
        return verify(self.folder, self._log)

    def next_number(self, kind: str) -> int:
        """A number that nobody else gets, from 1 up; a run that dies leaves a gap. `kind` names the counter."""
        counter = self.folder / META / "numbers" / check_name(kind, "counter")
        disk.make_folder(counter)
        with disk.guarded("take a number", counter):
            number = max((int(name) for name in os.listdir(counter) if name.isdecimal()), default=0)
            while True:
                number += 1
                try:
                    os.mkdir(counter / str(number))
                except FileExistsError:
                    continue
                return number


def _refuse_address(place: str) -> None:
    """A store at `gs://bucket` or `s3://` would be a folder of that name; pathlib has folded the second slash."""
    if _ADDRESS.match(place) and not (is_object_store(place) and place_text(place) != "s3://"):
        text = place.replace(":/", "://", 1) if "://" not in place else place
        message, hint = f"{text} is neither a folder nor a place on S3", "--store FOLDER, or s3://BUCKET/PREFIX"
        raise InputError(message, where="--store", hint=hint)


def _opened(folder: Path) -> Project:
    return _objects().ObjectProject(folder) if is_object_store(folder) else Project(folder)


def _objects() -> ModuleType:
    """Projects on an object store; imported where there is one."""
    from tasks.storage.objects import project

    return project


def _is_project(folder: Path) -> bool:
    if is_object_store(folder):
        return _objects().is_project(folder)
    return not folder.is_symlink() and (folder / META / "commits").is_dir()
