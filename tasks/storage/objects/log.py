"""The log of commits on an object store: a record decides by being put where none is."""

from concurrent.futures import ThreadPoolExecutor

from tasks.storage.commits import Commit, encode
from tasks.storage.objects import bucket
from tasks.storage.state import RECORD, CommitLog, State

_AT_ONCE = 16
"""Requests under way at a time: each waits for the network."""


class ObjectLog(CommitLog):
    """The objects `_meta/commits/` of a project. A recorded commit is carried out: nothing is renamed."""

    def state(self) -> State:
        """The fold of all records, those not read before fetched side by side."""
        unread = [number for number in self._numbers(RECORD) if number not in self._read]
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="commits") as pool:
            list(pool.map(self._get, unread))
        return super().state()

    def pending(self) -> list[Commit]:
        """None: see above."""
        return []

    def propose(self, commit: Commit) -> bool:
        """Record a commit; False where its number was taken meanwhile."""
        return bucket.put_new(self.path(commit.number), encode(commit))

    def holds(self, commit: Commit) -> bool:
        """Whether just this commit is recorded, also where the answer to recording it was lost."""
        try:
            return bucket.get(self.path(commit.number)) == encode(commit)
        except bucket.NoSuchObjectError:
            return False

    def _names(self) -> list[str]:
        return [item.path.name for item in bucket.listed(self._folder)]

    def _content(self, number: int) -> bytes:
        return bucket.get(self.path(number))
