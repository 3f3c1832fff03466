"""Deleting, restoring, purging, checking and reading on an object store."""

import os
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schemas.errors import InputError, StoreError
from tasks.storage import Project, Store
from tasks.storage.objects import bucket, local
from tests.tasks.storage.objects.test_publishing import below, marks
from tests.tasks.storage.samples import of_set, publish_categories, publish_set


def later() -> datetime:
    """A time after every commit so far, at which runs of today are not yet dead."""
    return datetime.now(UTC) + timedelta(hours=1)


def test_a_deleted_set_is_gone_and_comes_back(project: Project) -> None:
    """Again and again: nothing is moved, the record decides."""
    publish_set(project, 1)
    publish_set(project, 1, "other")
    for _ in range(2):
        commit = project.remove(of_set(project), {})
        assert marks(project, column="prediction_set") == ["other"] * 4
        assert {item.commit for item in project.trash()} == {commit.number}
        project.restore(commit.number, {})
        assert marks(project, column="prediction_set") == ["model"] * 4 + ["other"] * 4
        assert project.trash() == []
    assert project.verify().sound


def test_a_table_replaced_in_its_place_can_be_restored(project: Project) -> None:
    """The old rows are live again, the new ones can be restored in turn."""
    publish_categories(project, 1)
    commit = publish_categories(project, 2)
    back = project.restore(commit.number, {}, replaces=project.live("categories"))
    assert marks(project, "categories", "category_key") == [1]
    project.restore(back.number, {}, replaces=project.live("categories"))
    assert marks(project, "categories", "category_key") == [2]


def test_purging_removes_for_good_what_is_old_enough(project: Project) -> None:
    """What was deleted after the given time stays; what is purged cannot be restored, and its objects are gone."""
    publish_set(project, 1)
    first = project.remove(of_set(project), {})
    between = datetime.now(UTC)
    publish_set(project, 2)
    second = project.remove(of_set(project), {})
    assert {item.commit for item in project.purge(between)} == {first.number}
    with pytest.raises(InputError, match=f"commits that can be restored: {second.number}"):
        project.restore(first.number, {})
    assert len(project.purge(later())) == 2
    assert project.purge(later()) == []
    assert below(project, "_meta/parts") == []
    with pytest.raises(InputError, match="the trash is empty"):
        project.restore(second.number, {})
    assert project.verify().sound


def test_damaged_trash_is_not_restored(project: Project) -> None:
    """What lies there is compared with the record before it becomes live."""
    publish_set(project, 1)
    part = of_set(project)[0].paths[0]
    commit = project.remove(of_set(project), {})
    bucket.put(part, b"PAR1")
    with pytest.raises(StoreError, match=r"it cannot be restored: .*4 bytes, recorded as"):
        project.restore(commit.number, {})
    assert project.live() == []


def flip(path: Path) -> None:
    """Change one byte, leaving size and footer."""
    content = bytearray(bucket.get(path))
    content[20] ^= 1
    bucket.put(path, bytes(content))


DAMAGES: dict[str, tuple[Callable[[Project, Path], object], str]] = {
    "missing object": (lambda _, part: bucket.delete([part]), "the object is missing"),
    "changed byte": (lambda _, part: flip(part), "its sha256 is not the recorded one"),
    "cut off": (lambda _, part: bucket.put(part, b""), "0 bytes, recorded as"),
    "stray": (
        lambda project, _: bucket.put(project.folder / "predictions/x.parquet", b""),
        "predictions/x.parquet: an",
    ),
    "damaged record": (
        lambda project, _: bucket.put(project.folder / "_meta/commits/00000001.json", b"{"),
        "commits/00000001.json: the commit record is damaged",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_kind_of_damage_is_found(project: Project, damage: str) -> None:
    """The check reads what lies on the object store, whatever copies there are here; one line names it."""
    publish_set(project, 1)
    assert project.verify().sound
    do, line = DAMAGES[damage]
    do(project, project.live("predictions")[0].paths[1])
    report = Store(project.folder.parent).project("street").verify()
    assert not report.sound
    assert any(re.search(line, problem) for problem in report.problems), report.problems


def test_reading_a_damaged_part_says_so(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without copies fetches the part, and compares its bytes with its name; nothing of it is kept."""
    publish_set(project, 1)
    flip(project.live("predictions")[0].paths[0])
    monkeypatch.setenv("BOXSCORE_CACHE", str(tmp_path))
    with pytest.raises(StoreError, match="the object is damaged"):
        project.live("predictions")[0].read()
    assert list(tmp_path.iterdir()) == []
    assert project.live("metrics")[0].read().num_rows == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_local_copies_stay_within_their_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The least recently used go first, what was asked for just now never; half-made files of the dead go as well."""
    monkeypatch.setenv("BOXSCORE_CACHE", str(tmp_path))
    monkeypatch.setenv("BOXSCORE_CACHE_GB", "0.0000035")
    hour = 3600.0
    for name, age_s in (("a", 3 * hour), ("b", 2 * hour), ("c", hour), ("dead.new", 48 * hour), ("living.new", hour)):
        (tmp_path / name).write_bytes(bytes(1000))
        os.utime(tmp_path / name, (time.time() - age_s,) * 2)
    new = local.begin_file()
    new.write_bytes(bytes(1000))
    local.keep_copy(new, "d")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "d", "living.new"]


def test_a_copy_that_another_process_takes_away_is_not_counted(tmp_path: Path) -> None:
    """Between the listing of the copies and the look at each, any may be moved to its place."""
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(name)
    found = local.files_in(tmp_path)
    first = Path(next(found)[2])
    for name in {"a", "b", "c"} - {first.name}:
        (tmp_path / name).unlink()
    assert list(found) == []


def test_the_environment_says_where_a_bucket_is(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """At each call: a process that is told of another server does not go on asking the first."""
    publish_set(project, 1)
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        with pytest.raises(StoreError):
            marks(project)
    assert len(marks(project)) == 4
