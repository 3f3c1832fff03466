"""Projects on an object store."""

from datetime import datetime
from pathlib import Path

from schemas.errors import StoreError
from tasks.storage.commits import Add
from tasks.storage.layout import META, check_name
from tasks.storage.objects import bucket, trash, verify
from tasks.storage.objects.log import ObjectLog
from tasks.storage.objects.transactions import ObjectTransaction
from tasks.storage.partitions import Partition
from tasks.storage.store import Project
from tasks.storage.transactions import Transaction, made_up_run
from tasks.storage.trash import Trashed
from tasks.storage.verify import Report, report_of

_MARK = f"{META}/project.json"
"""What makes a project one before its first commit."""


def is_project(folder: Path) -> bool:
    """Whether a project was made here."""
    return bucket.exists(folder / _MARK)


def make_project(folder: Path) -> None:
    """Make a project, unless it is there."""
    bucket.put_new(folder / _MARK, b'{"format": 1}\n')


def project_names(root: Path) -> list[str]:
    """Names of the projects below a store's place."""
    return [name for name in bucket.folders(root) if is_project(root / name)]


class ObjectProject(Project):
    """One project on an object store: nothing is locked or moved, records decide."""

    _log: ObjectLog

    def __init__(self, folder: Path) -> None:
        """Use `Store.project` or `Store.create`, which check the name."""
        self.folder = folder
        self._log = ObjectLog(folder)

    def begin(self, run_id: str | None, what: str) -> Transaction:
        """Begin a run's transaction. Its keys are its own, also where another run has the same id."""
        unique = made_up_run() if run_id is None else f"{check_name(run_id, 'run')[:60]}-{made_up_run()}"
        return ObjectTransaction(self.folder, self._log, unique, what)

    def live(
        self, table: str | None = None, set_name: str | None = None, protocol: str | None = None
    ) -> list[Partition]:
        """Live partitions, by place; none where there is none."""
        return self.state().partitions(table, set_name, protocol)

    def trash(self) -> list[Trashed]:
        """What can be restored, newest first."""
        return list(reversed(trash.trashed(self.state()).values()))

    def recover(self) -> list[str]:
        """Sweep what purges decided on and dead runs left; a run counts as dead after a day."""
        trash.purge(self.folder, self._log, made_up_run(), None)
        return []

    def verify(self) -> Report:
        """Check every live part to the byte as it lies there, and that nothing lies where readers glob."""
        try:
            self.recover()
            return report_of(self._log, verify.problems)
        except StoreError as error:
            return Report(0, 0, 0, 0, 0, (str(error),))

    def next_number(self, kind: str) -> int:
        """A number that nobody else gets, from 1 up; a run that dies leaves a gap. `kind` names the counter."""
        counter = self.folder / META / "numbers" / check_name(kind, "counter")
        number = max((int(item.path.name) for item in bucket.listed(counter)), default=0) + 1
        while not bucket.put_new(counter / f"{number}", made_up_run().encode()):
            number += 1
        return number

    def _restorable(self, commit: int) -> list[Add]:
        return trash.restorable(self.state(), commit)

    def _purge(self, before: datetime) -> list[Trashed]:
        return trash.purge(self.folder, self._log, made_up_run(), before)
