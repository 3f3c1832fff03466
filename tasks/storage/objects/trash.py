"""What of an object store can be restored, and what goes for good.

Nothing is moved: what a commit removed lies where it was, and is the trash until a commit that purges it. That commit
decides; only then are objects removed, by whoever comes by. The same commit takes the litter of dead runs away: a run
that was thought dead and wants to publish later is told so.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from schemas.errors import StoreError
from schemas.names import place_text
from tasks.storage.checks import check_files
from tasks.storage.commits import Add, Commit, now
from tasks.storage.layout import META, Place
from tasks.storage.objects import bucket
from tasks.storage.objects.log import ObjectLog
from tasks.storage.state import State
from tasks.storage.trash import Trashed, unknown_trash

GRACE = timedelta(days=1)
"""A run that has put nothing for so long counts as dead; nothing tells an object store whether it is."""
_AREAS = ("parts", "scratch")


def purged_sources(state: State) -> set[str]:
    """Sources of which nothing may become live any more."""
    return {source for commit in state.commits.values() for source in commit.purges}


def trashed(state: State) -> dict[str, Trashed]:
    """What can be restored, by its source, oldest first."""
    found: dict[str, Trashed] = {}
    live: dict[str, Add] = {}
    for commit in state.commits.values():
        for removed in commit.removes:
            add = live.pop(removed.partition)
            found[add.source] = Trashed(Place.parse(add.partition), commit.number, commit.at, add.files)
        for add in commit.adds:
            live[add.partition] = add
            found.pop(add.source, None)
        for source in commit.purges:
            found.pop(source, None)
    return found


def restorable(state: State, commit: int) -> list[Add]:
    """What a commit removed, ready to be added again; InputError where it is purged or the commit removed nothing."""
    every = trashed(state)
    chosen = {source: item for source, item in every.items() if item.commit == commit}
    if not chosen:
        raise unknown_trash(commit, every.values())
    for source, item in chosen.items():
        folder = state.project / META / source
        problems = check_files(folder, item.files, item.place.table)
        if problems:
            raise StoreError(f"it cannot be restored: {problems[0]}", where=place_text(folder))
    return [Add(item.place.path, source, item.files) for source, item in chosen.items()]


def purge(project: Path, log: ObjectLog, run_id: str, before: datetime | None) -> list[Trashed]:
    """Remove for good what was trashed before a time (nothing when None), and what dead runs left; the former."""
    latest = now() if before is None else before
    while True:
        state = log.state()
        old = {source: item for source, item in trashed(state).items() if before is not None and item.at < before}
        doomed = (*old, *_litter(state, latest - GRACE))
        if not doomed or log.propose(Commit(state.last + 1, run_id, "purge", now(), purges=doomed)):
            break
    _remove(project, purged_sources(log.state()))
    return list(old.values())


def _litter(state: State, before: datetime) -> Iterator[str]:
    """Sources that belong to no commit, of runs that have put nothing since a time."""
    known = {add.source for commit in state.commits.values() for add in commit.adds} | purged_sources(state)
    sources: set[str] = set()
    newest: dict[str, datetime] = {}
    for source, item in _objects(state.project):
        run = source.split("/")[1]
        newest[run] = max(newest.get(run, item.modified), item.modified)
        sources.add(source)
    return (source for source in sorted(sources - known) if newest[source.split("/")[1]] < before)


def _objects(project: Path) -> Iterator[tuple[str, bucket.Listed]]:
    """(source, object) of all parts and all scratch."""
    for area in _AREAS:
        for item in bucket.listed(project / META / area):
            yield _source_of(item.path.relative_to(project / META)), item


def _source_of(path: Path) -> str:
    """A partition's place for a part, else a run's whole scratch."""
    area, run, *rest = path.parts
    return "/".join((area, run, *rest[:-2])) if area == "parts" else f"{area}/{run}"


def _remove(project: Path, sources: Iterable[str]) -> None:
    gone = set(sources)
    bucket.delete([item.path for source, item in _objects(project) if source in gone])
