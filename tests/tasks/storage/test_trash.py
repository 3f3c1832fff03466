"""Deleting, restoring, purging."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.errors import InputError, StoreError
from tasks.storage import Project
from tests.tasks.storage.samples import glob_rows, of_set, publish_categories, publish_set


def later() -> datetime:
    """A time after every commit so far."""
    return datetime.now(UTC) + timedelta(seconds=1)


def test_a_deleted_set_is_gone_from_every_table_and_comes_back(project: Project) -> None:
    """Deleting takes all partitions in one commit; restoring that commit brings back the same rows."""
    publish_set(project, 1)
    publish_set(project, 1, "other")
    before = {partition.place.path: partition.files for partition in project.live()}
    commit = project.remove(of_set(project), {"why": "test"})
    assert glob_rows(project.folder / "predictions", "prediction_set") == ["other"] * 4
    assert {partition.place.set_name for partition in project.live()} == {"other"}
    assert [path.name for path in (project.folder / "metrics").iterdir()] == ["version=other@00000001"]
    assert project.verify().sound
    project.restore(commit.number, {})
    assert {partition.place.path: partition.files for partition in project.live()} == before
    assert (project.trash(), project.verify().problems) == ([], ())


def test_the_last_partition_of_a_table_takes_its_folders_along(project: Project) -> None:
    """No empty folder stays for readers to trip over."""
    publish_set(project, 1)
    project.remove(of_set(project), {})
    assert [path.name for path in project.folder.iterdir()] == ["_meta"]


def test_a_set_can_be_deleted_and_restored_again_and_again(project: Project) -> None:
    """Each deletion has a place of its own in the trash."""
    publish_set(project, 1)
    for _ in range(3):
        commit = project.remove(of_set(project), {})
        project.restore(commit.number, {})
    assert glob_rows(project.folder / "predictions", "score") == [1.0] * 4
    assert project.verify().sound


def test_what_a_replacement_removed_can_be_restored_in_its_stead(project: Project) -> None:
    """The old version comes back once the new one is replaced by it, and not beside it."""
    publish_set(project, 1)
    commit = publish_set(project, 2, replaces=of_set(project))
    with pytest.raises(StoreError, match="is live already"):
        project.restore(commit.number, {})
    project.restore(commit.number, {}, replaces=of_set(project))
    assert glob_rows(project.folder / "predictions", "score") == [1.0] * 4
    assert project.verify().sound


def test_a_table_replaced_in_its_place_can_be_restored(project: Project) -> None:
    """The old rows come back into the folder where the new ones were."""
    publish_categories(project, 1)
    commit = publish_categories(project, 2)
    project.restore(commit.number, {}, replaces=project.live("categories"))
    assert glob_rows(project.folder / "categories", "category_key") == [1]
    assert project.verify().sound


def test_purging_removes_for_good_what_is_old_enough(project: Project) -> None:
    """What was deleted after the given time stays; what is purged cannot be restored, and the error says what can."""
    publish_set(project, 1)
    first = project.remove(of_set(project), {})
    between = datetime.now(UTC)
    publish_set(project, 2)
    second = project.remove(of_set(project), {})
    purged = project.purge(between)
    assert {item.commit for item in purged} == {first.number}
    assert sum(item.bytes for item in purged) > 0
    assert {item.commit for item in project.trash()} == {second.number}
    with pytest.raises(InputError, match=f"commits that can be restored: {second.number}"):
        project.restore(first.number, {})
    project.purge(later())
    with pytest.raises(InputError, match="the trash is empty"):
        project.restore(second.number, {})
    assert project.purge(later()) == []
    assert project.verify().sound


def test_a_time_without_zone_is_refused(project: Project) -> None:
    """Whose midnight is meant decides what is lost."""
    with pytest.raises(InputError, match="no time zone"):
        project.purge(datetime(2024, 1, 1))


def test_damaged_trash_is_not_restored(project: Project) -> None:
    """Files in the trash are checked before they become live."""
    publish_set(project, 1)
    commit = project.remove(of_set(project), {})
    next((project.folder / "_meta/trash").rglob("*.parquet")).write_bytes(b"PAR1")
    with pytest.raises(StoreError, match=r"it cannot be restored: .*4 bytes, recorded as"):
        project.restore(commit.number, {})
    assert project.live() == []


def test_removing_twice_says_who_was_first(project: Project) -> None:
    """The second of two deletions fails and changes nothing."""
    publish_set(project, 1)
    seen = of_set(project)
    project.remove(seen, {})
    with pytest.raises(StoreError, match=r"\(delete\) replaced or deleted it in commit 2"):
        project.remove(seen, {})
