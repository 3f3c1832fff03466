"""The log of commits of a project, and what is live: the fold of all commits, in order."""

import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemas.errors import StoreError
from schemas.names import is_object_store
from tasks.storage import disk
from tasks.storage.commits import Commit, decode, encode
from tasks.storage.layout import META, Place
from tasks.storage.partitions import Partition

RECORD = re.compile(r"(?P<number>[0-9]{8})\.json")
_APPLIED = re.compile(r"(?P<number>[0-9]{8})\.applied")
_LISTINGS = 3
"""Of the commits, before one that is missing from the row is believed to be."""


@dataclass(slots=True)
class State:
    """What is live in the folder `project`, by path, after `commits`; both empty for a new project."""

    project: Path
    commits: dict[int, Commit] = field(default_factory=dict)
    live: dict[str, Partition] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """Number of the newest commit; 0 before the first."""
        return max(self.commits, default=0)

    def partitions(
        self, table: str | None = None, set_name: str | None = None, protocol: str | None = None
    ) -> list[Partition]:
        """The live partitions of a table, a set, a protocol (of any when None), by place."""
        wanted = (table, set_name, protocol)
        found = [
            partition
            for partition in self.live.values()
            if all(want in {None, has} for want, has in zip(wanted, partition.place.slot, strict=True))
        ]
        return sorted(found, key=lambda partition: partition.place.path)

    def set_names(self, table: str = "predictions") -> list[str]:
        """Names of the sets that have a live partition in `table`."""
        return sorted({p.place.set_name for p in self.partitions(table) if p.place.set_name is not None})

    def record_of(self, partition: Partition) -> dict[str, Any]:
        """What the run that published the partition said about it."""
        return self.commits[partition.commit].record

    def apply(self, commit: Commit) -> None:
        """Take the next commit."""
        self.commits[commit.number] = commit
        for removed in commit.removes:
            self.live.pop(removed.partition, None)
        for add in commit.adds:
            place = Place.parse(add.partition)
            folder = self.project / (f"{META}/{add.source}" if is_object_store(self.project) else add.partition)
            self.live[add.partition] = Partition(folder, place, commit.number, add.files)


class CommitLog:
    """The folder `_meta/commits` of a project. Records never change: each is read once in a process."""

    def __init__(self, project: Path) -> None:
        """`project` is the project's folder."""
        self._project = project
        self._folder = project / META / "commits"
        self._read: dict[int, Commit] = {}

    def state(self) -> State:
        """The fold of all records. StoreError naming a record that is damaged or missing from the row."""
        state = State(self._project)
        for number in self._row():
            state.apply(self._get(number))
        return state

    def _row(self) -> list[int]:
        """The numbers of all records. StoreError where one is missing.

        A listing takes several calls where there are thousands: one that another process records in meanwhile may show
        a record and not the one before it. The next shows both.
        """
        missing = 0
        for attempt in range(_LISTINGS):
            time.sleep(0.01 * attempt)
            numbers = sorted(self._numbers(RECORD))
            missing = next((k for k, number in enumerate(numbers, start=1) if number != k), 0)
            if not missing:
                return numbers
        raise StoreError("a commit record is missing", where=str(self.path(missing)))

    def pending(self) -> list[Commit]:
        """Recorded commits whose renames may not have been done, oldest first."""
        applied = max(self._numbers(_APPLIED), default=0)
        return [self._get(number) for number in sorted(self._numbers(RECORD)) if number > applied]

    def append(self, commit: Commit, waiting: Path) -> bool:
        """Record a commit, durably, by way of the new file `waiting`; False where its number was taken meanwhile.

        Record and folder are synced (1 ms): a commit that was reported must survive a power cut. The data files are
        not (0.06 s per 100 MB on a fast disk, 1 s at 100 MB/s): what a power cut took of them `verify` finds by its
        sha256, and a run makes it again.
        """
        disk.unlink(waiting)
        disk.write_new(waiting, encode(commit))
        return disk.link_new(waiting, self.path(commit.number))

    def mark_applied(self, number: int) -> None:
        """Note that every commit up to `number` has its renames done."""
        disk.touch(self._folder / f"{number:08d}.applied")
        for old in self._numbers(_APPLIED):
            if old < number:
                disk.unlink(self._folder / f"{old:08d}.applied")

    def path(self, number: int) -> Path:
        """File of a commit's record; the number alone names it, so that linking it is the decision."""
        return self._folder / f"{number:08d}.json"

    def _numbers(self, pattern: re.Pattern[str]) -> list[int]:
        with disk.guarded("list the commits", self._folder):
            matches = [pattern.fullmatch(name) for name in self._names()]
        return [int(match["number"]) for match in matches if match]

    def _names(self) -> list[str]:
        return os.listdir(self._folder)

    def _get(self, number: int) -> Commit:
        if number not in self._read:
            self._read[number] = decode(self._content(number), number, self.path(number))
        return self._read[number]

    def _content(self, number: int) -> bytes:
        path = self.path(number)
        with disk.guarded("read a commit record", path):
            return path.read_bytes()
