"""The check of a project finds every kind of damage, and names it."""

import errno
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from schemas.errors import StoreError
from tasks.storage import Project, Store, disk
from tests.tasks.storage.samples import of_set, publish_set

PART = "predictions/version=model@00000001/bucket=b01/part-00000.parquet"


def flip(path: Path) -> None:
    """Change one byte in the middle of the data, leaving size and footer."""
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)


def relabel(path: Path) -> None:
    """Write the file anew under another table's name."""
    table = pq.read_table(path, partitioning=None)
    pq.write_table(table.replace_schema_metadata({"boxscore.table": "matches"}), path)


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing file": (lambda project: (project / PART).unlink(), f"{PART.removesuffix('.parquet')}.*is missing"),
    "missing folder": (lambda project: (project / "metrics").rename(project / "_meta/lost"), "metrics/.*is missing"),
    "changed byte": (lambda project: flip(project / PART), "its sha256 is not the recorded one"),
    "cut off": (lambda project: (project / PART).write_bytes(b""), "0 bytes, recorded as"),
    "written anew": (lambda project: relabel(project / PART), "bytes, recorded as"),
    "stray file": (
        lambda project: (project / "predictions/x.parquet").touch(),
        "predictions/x.parquet: a file that no",
    ),
    "stray part": (lambda project: (project / PART).with_name("part-00001.parquet").touch(), "a file that no commit"),
    "stray folder": (lambda project: (project / "tmp").mkdir(), "tmp: a folder that no commit published"),
    "link": (lambda project: (project / "matches").symlink_to("/"), "matches: a symbolic link that no commit"),
    "stray trash": (lambda project: (project / "_meta/trash/old").mkdir(), "_meta/trash/old: belongs to no commit"),
    "lost record": (lambda project: (project / "_meta/commits/00000001.json").write_text("{"), "record is damaged"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_kind_of_damage_is_found(project: Project, damage: str) -> None:
    """One line says what is wrong, and where."""
    publish_set(project, 1)
    assert project.verify().sound
    do, line = DAMAGES[damage]
    do(project.folder)
    report = Store(project.folder.parent).project("street").verify()
    assert not report.sound
    assert any(re.search(line, problem) for problem in report.problems), report.problems


def test_the_report_counts_what_was_checked(project: Project) -> None:
    """Commits, live partitions, files, rows and bytes; an empty project is sound."""
    empty = project.verify()
    assert (empty.sound, empty.commits, empty.files) == (True, 0, 0)
    publish_set(project, 1)
    publish_set(project, 2, replaces=of_set(project))
    report = project.verify()
    assert (report.commits, report.partitions, report.files, report.rows) == (2, 2, 3, 7)
    assert report.bytes == sum(path.stat().st_size for part in project.live() for path in part.paths)


def test_a_linked_table_is_not_read(project: Project, tmp_path: Path) -> None:
    """A table's folder that was replaced by a link is refused, wherever the link leads."""
    publish_set(project, 1)
    (project.folder / "predictions").rename(tmp_path / "elsewhere")
    (project.folder / "predictions").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="a symbolic link inside the store is not followed"):
        project.live("predictions")
    assert not project.verify().sound


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_what_may_only_be_read_is_checked_too(project: Project, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """A backup cannot be locked, and nothing that is interrupted be finished there: its files are checked as they are.

    Damage is found, and another failure to lock is one.
    """

    def refuse(_path: Path) -> Iterator[None]:
        with disk.guarded("lock the project", project.folder):
            raise OSError(number, os.strerror(number))
        yield

    publish_set(project, 1)
    monkeypatch.setattr(disk, "locked", contextmanager(refuse))
    assert project.verify().sound
    flip(project.folder / PART)
    assert "sha256" in project.verify().problems[0]
    number = errno.EIO
    assert "lock the project" in project.verify().problems[0]
