"""What a commit would change, checked against what is live: of two runs in each other's way, the second is told why."""

from collections.abc import Sequence
from pathlib import Path

from schemas.errors import PassingError, StoreError
from schemas.names import is_object_store
from tasks.storage.commits import Add, Removal
from tasks.storage.layout import Place
from tasks.storage.partitions import Partition
from tasks.storage.state import State


def plan(
    state: State, adds: Sequence[Add], replaces: Sequence[Partition], requires: Sequence[Partition]
) -> tuple[tuple[Add, ...], tuple[Removal, ...]]:
    """The partitions to add and to remove; StoreError where `state` is not what the run has seen.

    Added partitions that are live already, file for file, drop out of both; where a file that lies there is not what
    it was, they take its place.
    """
    there = [state.live[add.partition] for add in adds if _is_live(state, add)]
    damaged = [partition for partition in there if partition.damages()]
    same = {partition.place.path for partition in there} - {partition.place.path for partition in damaged}
    new = tuple(add for add in adds if add.partition not in same)
    away = {partition.place.path: partition for partition in (*replaces, *damaged)}
    removed = [partition for path, partition in away.items() if path not in same]
    for partition in (*removed, *requires):
        _check_live(state, partition)
    gone = {partition.place.path for partition in removed}
    staying = [partition for path, partition in state.live.items() if path not in gone]
    for add in new:
        _check_free(state, staying, add)
    return new, tuple(Removal(partition.place.path, partition.commit) for partition in removed)


def _is_live(state: State, add: Add) -> bool:
    live = state.live.get(add.partition)
    return live is not None and live.files == add.files


def _check_live(state: State, partition: Partition) -> None:
    live = state.live.get(partition.place.path)
    if live is None or live.commit != partition.commit:
        raise PassingError(
            f"{partition.place.path} is not live any more: {_who(state, partition)}",
            hint="run it again on what is live now",
        )


def _who(state: State, partition: Partition) -> str:
    """The run that took the partition away."""
    for commit in reversed(state.commits.values()):
        if any(removed.partition == partition.place.path for removed in commit.removes):
            return f"run {commit.run_id} ({commit.what}) replaced or deleted it in commit {commit.number}"
    return "no commit published it"


def _check_free(state: State, staying: Sequence[Partition], add: Add) -> None:
    """One partition per table, set and protocol; none inside another; nothing at its place that is not the store's."""
    place = Place.parse(add.partition)
    for other in staying:
        if other.place.slot == place.slot:
            by = state.commits[other.commit]
            raise PassingError(
                f"{other.place.path} is live already, published by run {by.run_id} in commit {by.number}",
                hint="replace it, or use another name",
            )
        if other.place.encloses(place) or place.encloses(other.place):
            raise StoreError(f"{place.path} and {other.place.path} lie inside each other")
    if add.partition not in state.live and not is_object_store(state.project):
        _check_absent(state.project, add.partition)


def _check_absent(project: Path, partition: str) -> None:
    path = project / partition
    if path.is_symlink() or path.exists():
        hint = "move it out of the store"
        raise StoreError("something lies here that the store did not publish", where=str(path), hint=hint)
