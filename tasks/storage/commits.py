"""Commit records: what was published, from what, by whom."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from schemas.errors import InputError, StoreError
from tasks.storage.layout import Place, is_part


class FileEntry(msgspec.Struct, frozen=True):
    """A published file: path relative to its partition, rows, bytes and sha256."""

    path: str
    rows: int
    bytes: int
    sha256: str


class Add(msgspec.Struct, frozen=True):
    """A partition that becomes live; `source` is where it waits, relative to the project's `_meta`.

    On an object store that is where it lies for good.
    """

    partition: str
    source: str
    files: tuple[FileEntry, ...]


class Removal(msgspec.Struct, frozen=True):
    """A partition that goes to the trash, and the commit that had published it."""

    partition: str
    commit: int


class Commit(msgspec.Struct, frozen=True):
    """One publication. Once linked into place it is decided; the renames that follow can be done by anyone, any time.

    On an object store, nothing that lies in one of `purges` (sources) may become live any more, and all of it goes.
    `record` is the run's own: inputs, parameters, versions, counts, as JSON has them.
    """

    number: int
    run_id: str
    what: str
    at: datetime
    adds: tuple[Add, ...] = ()
    removes: tuple[Removal, ...] = ()
    record: dict[str, Any] = {}
    purges: tuple[str, ...] = ()
    format: int = 1


def encode(commit: Commit) -> bytes:
    """A commit as the JSON of its record, one line per value, for people too. TypeError where `record` is no JSON."""
    return msgspec.json.format(msgspec.json.encode(commit), indent=1)


def decode(content: bytes, number: int, path: Path) -> Commit:
    """The commit of a record, whose number its file name says; StoreError naming `path` where it is damaged."""
    try:
        commit = msgspec.json.decode(content, type=Commit)
        _check(commit, number)
    except (msgspec.DecodeError, InputError, ValueError) as error:
        raise StoreError(f"the commit record is damaged: {error}", where=str(path)) from error
    return commit


def _check(commit: Commit, number: int) -> None:
    """A record is believed as little as any other input: its paths are joined to the store's."""
    if commit.number != number or commit.format != 1:
        raise ValueError(f"it says number {commit.number}, format {commit.format}")
    for removed in commit.removes:
        Place.parse(removed.partition)
    for add in commit.adds:
        Place.parse(add.partition)
        parts = add.source.split("/")
        if ".." in parts or "" in parts or not all(is_part(file.path) for file in add.files):
            raise ValueError(f"a path of {add.partition} leads elsewhere")


def now() -> datetime:
    """The time a commit is dated with, in UTC."""
    return datetime.now(UTC)
