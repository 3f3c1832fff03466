"""A run's transaction: what it stages becomes live whole, or not at all."""

import os
import secrets
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from schemas.errors import StoreError
from schemas.names import place_text
from schemas.tables import Table
from tasks.storage import disk, recovery
from tasks.storage.checks import check_files
from tasks.storage.commits import Add, Commit, FileEntry, now
from tasks.storage.layout import META, Place, check_name
from tasks.storage.partitions import Partition
from tasks.storage.planning import plan
from tasks.storage.scratch import clear
from tasks.storage.state import CommitLog
from tasks.storage.writers import PartWriter


class StagedPartition:
    """A partition being written; nobody sees it before the commit. Its writers may work in threads of their own."""

    def __init__(self, folder: Path, place: Place, table: Table) -> None:
        """Stage `place` in `folder`."""
        self.folder, self.place, self.table = folder, place, table
        self._lock = threading.Lock()
        self._writers: dict[int, PartWriter] = {}
        self._files: list[FileEntry] = []

    @property
    def location(self) -> str:
        """Its folder as people and other programs write it."""
        return place_text(self.folder)

    def writer(self, bucket: int = 0, share: int = 1) -> PartWriter:
        """The one writer of a bucket; close it, or the commit will. Tables not split by data units use bucket 0.

        Of many that write side by side each has its `share` of what they may hold.
        """
        with self._lock:
            if bucket in self._writers:
                raise ValueError(f"bucket {bucket} of {self.place.path} has its writer already")
            writer = self._writers[bucket] = PartWriter(self.folder, bucket, self.table, self.accept, share=share)
        return writer

    def accept(self, files: Sequence[FileEntry]) -> None:
        """Take files that a `PartWriter` left in `folder`, here or in another process."""
        with self._lock:
            self._files.extend(files)

    def finish(self) -> tuple[FileEntry, ...]:
        """Close all writers; the files by path. A partition without any gets an empty file of bucket 0."""
        if not self._writers and not self._files:
            self.writer(0)
        for writer in self._writers.values():
            writer.close()
        return tuple(sorted(self._files, key=lambda file: file.path))

    def abandon(self) -> None:
        """Let go of open files."""
        for writer in self._writers.values():
            writer.abandon()


def made_up_run() -> str:
    """An id for a run: the time, and what no other run drew."""
    return f"{now():%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"


class Transaction:
    """One run's hold on a project. Leaving its block without a commit leaves nothing behind.

    `scratch` is a folder for what lies between stages; it goes with the transaction.
    """

    def __init__(self, project: Path, log: CommitLog, run_id: str | None, what: str) -> None:
        """Open staging for `run_id` (made up when None) after recovering what dead runs left."""
        self.run_id = check_name(run_id or made_up_run(), "run")
        self._project, self._log, self._what = project, log, what
        self._staged: dict[str, StagedPartition] = {}
        self._restored: list[Add] = []
        self._is_open = True
        self.scratch = self._open()

    def partition(self, table: Table, version: str | None = None, rules: str | None = None) -> StagedPartition:
        """Stage a partition of a stored table; InputError where `version` or `rules` is not `<name>@<digest>`."""
        place = Place(table.name, version, rules)
        if place.path in self._staged:
            raise ValueError(f"{place.path} is staged already")
        staged = StagedPartition(self._project / META / self._source(place), place, table)
        self._staged[place.path] = staged
        return staged

    def discard(self, staged: StagedPartition) -> None:
        """Take a partition out of the transaction: it will not be published."""
        staged.abandon()
        del self._staged[staged.place.path]
        clear(staged.folder)

    def take_up(self, work: str) -> None:
        """Say what this run works at, before it stages anything, and go on where a dead run of the same work stopped.

        `work` is a digest of all that decides what is staged. What the dead run had staged and its scratch become this
        run's; who writes there removes what is not known to be finished. Should this run die, the next one of the same
        work takes up what it leaves, within a day.
        """
        with disk.locked(recovery.lock_file(self._project)):
            recovery.finish(self._project, self._log)
            recovery.inherit(self._project, work, self._folder)
            recovery.mark(self._folder, work)

    def bring_back(self, add: Add) -> None:
        """Publish what lies in the trash, at the commit."""
        self._restored.append(add)

    def commit(
        self, record: Mapping[str, Any], replaces: Sequence[Partition] = (), requires: Sequence[Partition] = ()
    ) -> Commit:
        """Publish all that is staged and trash what it `replaces`, in one decision; the commit as recorded.

        `requires` are partitions the work was computed from. Where one of either is not live any more, or another
        partition of the same table, set and protocol came to be, StoreError says which run did it. Partitions that are
        live already with the same bytes are left as they are. StoreError after the decision (a disk that fails in a
        rename) leaves it to the next run to finish.
        """
        if not self._is_open or self._is_decided():
            raise ValueError("the transaction is committed already")
        adds = [*(self._checked(staged) for staged in self._staged.values()), *self._restored]
        commit = self._decide(adds, replaces, requires, dict(record))
        self._close(sweep=True)
        return commit

    def __enter__(self) -> "Transaction":
        """The transaction itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Sweep what was not published. What is decided and not finished stays for recovery."""
        if self._is_open:
            self._close(sweep=not self._is_decided())

    def _open(self) -> Path:
        """Make ready; the folder for scratch."""
        self._folder = self._project / META / "staging" / self.run_id
        self._waiting = self._folder / "commit.json"
        scratch = self._folder / "scratch"
        with disk.locked(recovery.lock_file(self._project)):
            recovery.finish(self._project, self._log)
            recovery.sweep(self._project, keep=True)
            if self._folder.exists():
                raise StoreError(f"run {self.run_id} is under way", hint="wait for it, or give this one another id")
            disk.make_folder(scratch)
            with disk.guarded("lock staging", self._folder):
                handle = disk.claim(self._folder / "lock")
        assert handle is not None, "nobody else opens staging while the project is locked"
        self._handle: int | None = handle
        return scratch

    def _source(self, place: Place) -> str:
        """Where a partition is staged, relative to `_meta`."""
        return f"staging/{self.run_id}/live/{place.path}"

    def _checked(self, staged: StagedPartition) -> Add:
        files = staged.finish()
        problems = check_files(staged.folder, files, staged.table.name)
        if problems:
            raise StoreError(f"what was written is not what is there: {problems[0]}", where=staged.location)
        return Add(staged.place.path, self._source(staged.place), files)

    def _decide(
        self, adds: list[Add], replaces: Sequence[Partition], requires: Sequence[Partition], record: dict[str, Any]
    ) -> Commit:
        with disk.locked(recovery.lock_file(self._project)):
            recovery.finish(self._project, self._log)
            commit = self._record(adds, replaces, requires, record)
            recovery.finish(self._project, self._log)
        return commit

    def _record(
        self, adds: list[Add], replaces: Sequence[Partition], requires: Sequence[Partition], record: dict[str, Any]
    ) -> Commit:
        while True:
            state = self._log.state()
            new, removed = plan(state, adds, replaces, requires)
            commit = Commit(state.last + 1, self.run_id, self._what, now(), new, removed, record)
            if self._log.append(commit, self._waiting):
                return commit

    def _is_decided(self) -> bool:
        """Whether the commit is recorded, also when an error or a signal came right after: the disk knows."""
        return disk.is_linked(self._waiting)

    def _close(self, sweep: bool) -> None:
        self._is_open = False
        try:
            for staged in self._staged.values():
                staged.abandon()
            if sweep:
                with suppress(StoreError):  # published is published; the next run sweeps what is left
                    self._sweep()
        finally:
            self._let_go()

    def _sweep(self) -> None:
        recovery.leave(self._project, self._folder, self._let_go)

    def _let_go(self) -> None:
        """Drop the lock of staging; nothing happens where that was done."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
