"""A run's transaction on an object store: parts under keys of its own, and the commit's record last."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from schemas.errors import StoreError
from tasks.storage.commits import Add, Commit, now
from tasks.storage.layout import META, Place
from tasks.storage.objects.log import ObjectLog
from tasks.storage.objects.trash import purged_sources
from tasks.storage.partitions import Partition
from tasks.storage.planning import plan
from tasks.storage.scratch import clear
from tasks.storage.state import State
from tasks.storage.transactions import Transaction


class ObjectTransaction(Transaction):
    """Parts lie at `_meta/parts/<run>/` from the start and stay there; the record makes them the project's."""

    _log: ObjectLog

    def _open(self) -> Path:
        self._proposed: Commit | None = None
        self._published: tuple[Add, ...] = ()
        return self._project / META / "scratch" / self.run_id

    def take_up(self, work: str) -> None:
        """Nothing is taken up: what a dead run uploaded is litter, which `purge` sweeps."""

    def _source(self, place: Place) -> str:
        return f"parts/{self.run_id}/{place.path}"

    def _decide(
        self, adds: list[Add], replaces: Sequence[Partition], requires: Sequence[Partition], record: dict[str, Any]
    ) -> Commit:
        """Where another run was faster and is in the way, StoreError says so; else the next number is tried."""
        while True:
            state = self._log.state()
            new, removed = plan(state, adds, replaces, requires)
            _refuse_purged(state, new)
            number = state.last + 1
            self._proposed = Commit(number, self.run_id, self._what, now(), new, removed, record)
            if self._log.propose(self._proposed):
                self._published = new
                return self._proposed

    def _is_decided(self) -> bool:
        try:
            return self._proposed is not None and self._log.holds(self._proposed)
        except StoreError:  # nobody can say: what may be the project's must stay
            return True

    def _sweep(self) -> None:
        """Remove what the commit did not make the project's, all of it where there was none; `purge` takes the rest."""
        published = {add.source for add in self._published}
        unpublished = [staged for staged in self._staged.values() if self._source(staged.place) not in published]
        clear(self.scratch)
        for staged in unpublished:
            clear(staged.folder)

    def _let_go(self) -> None:
        """Nothing is held."""


def _refuse_purged(state: State, adds: Sequence[Add]) -> None:
    """A purge goes before: it may have taken the parts for those of a dead run."""
    gone = purged_sources(state)
    for add in adds:
        if add.source in gone:
            raise StoreError(f"{add.partition} was purged before it was published", hint="run it again")
