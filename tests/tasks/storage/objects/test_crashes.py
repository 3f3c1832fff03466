"""A run that dies between any two requests leaves the old or the new, and litter that is swept."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.errors import StoreError
from tasks.storage import Project, Store
from tasks.storage.objects import bucket, parts
from tests.tasks.storage.objects.test_publishing import below, marks
from tests.tasks.storage.samples import of_set, publish_set, stage_set

WRITES = ("put", "put_new", "delete")


class Killed(BaseException):
    """What a run does not get to see when it is killed."""


def much_later() -> datetime:
    """A time at which all runs of today count as dead."""
    return datetime.now(UTC) + timedelta(days=3)


def prepare(project: Project) -> None:
    """A set, and another that was deleted."""
    publish_set(project, 1)
    publish_set(project, 1, "gone")
    project.remove(of_set(project, "gone"), {})


SCENARIOS: dict[str, Callable[[Project], object]] = {
    "first": lambda project: publish_set(project, 2, "new"),
    "replace": lambda project: publish_set(project, 2, replaces=of_set(project)),
    "delete": lambda project: project.remove(of_set(project), {}),
    "restore": lambda project: project.restore(3, {}),
    "purge": lambda project: project.purge(datetime.now(UTC) + timedelta(hours=1)),
}


def die_at(nth: int, patch: pytest.MonkeyPatch) -> None:
    """Let no request but the first `nth` that change something through, nor any after them."""
    left = nth

    def dying(real: Callable[..., Any], changes: bool) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            nonlocal left
            left -= changes
            if left < 0:
                raise Killed
            return real(*arguments)

        return call

    for name in (*WRITES, "get", "listed", "exists"):
        patch.setattr(bucket, name, dying(getattr(bucket, name), name in WRITES))


def again(project: Project) -> Project:
    """The project, as another process finds it."""
    return Store(project.folder.parent).project(project.name)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_crash_point_leaves_the_old_or_the_new(store: Store, scenario: str) -> None:
    """Before the record always the old, after it always the new; a purge later sweeps all that belongs to no commit."""
    outcomes = []
    for nth in range(30):
        project = store.create(f"p{nth}")
        prepare(project)
        before = (marks(project), len(project.trash()))
        with pytest.MonkeyPatch.context() as patch:
            die_at(nth, patch)
            try:
                SCENARIOS[scenario](project)
                finished = True
            except Killed:
                finished = False
        found = again(project)
        outcomes.append((marks(found), len(found.trash())) != before)
        assert found.verify().sound
        if finished:
            break
        seen = marks(found)
        found.purge(much_later())
        lying = {path.relative_to(found.folder) for partition in found.live() for path in partition.paths}
        assert set(below(found, "_meta/parts")) == set(map(str, lying))
        assert (marks(found), found.verify().problems) == (seen, ())
    assert finished
    assert outcomes == sorted(outcomes)
    assert (outcomes[0], outcomes[-1]) == (False, True)


def test_the_parts_of_a_living_run_stay(project: Project) -> None:
    """What was put less than a day ago may belong to a run that is alive: neither check nor purge touches it."""
    with project.begin(None, "import") as transaction:
        stage_set(transaction, 1)
        again(project).purge(datetime.now(UTC) + timedelta(hours=1))
        assert again(project).verify().sound
        transaction.commit({})
    assert marks(project) == [1.0] * 4


def test_a_run_that_was_thought_dead_is_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """It cannot publish what a purge took, and says so; run again, it works."""
    with project.begin(None, "import") as transaction:
        stage_set(transaction, 1)
        for staged in transaction._staged.values():
            staged.finish()
        again(project).purge(much_later())
        monkeypatch.setattr(parts, "check_objects", lambda *_: [])  # the purge may come right after this look
        with pytest.raises(StoreError, match="was purged before it was published"):
            transaction.commit({})
    monkeypatch.undo()
    publish_set(project, 1)
    assert marks(project) == [1.0] * 4
