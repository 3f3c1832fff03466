"""A disk that refuses: a clear error, and nothing half-published."""

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import StoreError
from schemas.tables import PREDICTIONS
from tasks.storage import Project, Store
from tests.tasks.storage.samples import glob_rows, of_set, predictions, publish_set


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs to mount a tmpfs, which is not permitted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def publish_noise(project: Project) -> None:
    """Publish half a megabyte that does not compress."""
    table = predictions(60_000)
    scores = [int.from_bytes(os.urandom(6)) / 3.0 for _ in range(table.num_rows)]
    with project.begin(None, "import") as transaction:
        with transaction.partition(PREDICTIONS, "other@abcdef").writer() as writer:
            writer.write(table.set_column(table.schema.get_field_index("score"), "score", [scores]))
        transaction.commit({})


def test_a_full_disk_is_told_and_leaves_the_old(small_disk: Path) -> None:
    """A write that finds no room raises StoreError with a hint, and the store is as it was."""
    project = Store(small_disk / "store").create("street")
    publish_set(project, 1)
    with pytest.raises(StoreError, match="No space left") as error:
        publish_noise(project)
    assert "free space" in str(error.value.hint)
    assert glob_rows(project.folder / "predictions", "score") == [1.0] * 4
    assert list((project.folder / "_meta/staging").iterdir()) == []
    assert project.verify().sound
    publish_set(project, 2, replaces=of_set(project))
    assert project.verify().sound


def test_a_file_size_limit_is_told_as_a_full_disk(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process's own limit gives the same error and leaves nothing."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # Python would keep compiled files that are cut off
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(StoreError, match="File too large"):
            publish_noise(project)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert project.live() == []
    assert project.verify().sound


def fail_at(nth: int, call: str, patch: pytest.MonkeyPatch) -> list[int]:
    """Let the n-th call of a function of `os` find a full disk; the calls so far."""
    real, calls = getattr(os, call), [0]

    def failing(*args: Any, **options: Any) -> Any:
        calls[0] += 1
        if calls[0] == nth:
            raise OSError(errno.ENOSPC, "No space left on device", str(args[0]))
        return real(*args, **options)

    patch.setattr(os, call, failing)
    return calls


def hint_of(work: Callable[[], object]) -> str | None:
    """The hint of the StoreError that `work` raises, or None where it gets through."""
    try:
        work()
    except StoreError as error:
        return error.hint or ""
    return None


@pytest.mark.parametrize("call", ["mkdir", "rename", "link", "fsync", "open"])
def test_a_failing_call_leaves_the_old_or_the_new(project: Project, call: str) -> None:
    """ENOSPC at any one system call is a StoreError, and the next run finds all of the old or all of the new."""
    publish_set(project, 1)
    hints = []
    for nth in range(1, 100):
        mark, old = glob_rows(project.folder / "metrics", "value")[0], of_set(project)
        with pytest.MonkeyPatch.context() as patch:
            calls = fail_at(nth, call, patch)
            hints.append(hint_of(lambda mark=mark, old=old: publish_set(project, int(mark) + 1, replaces=old)))
        assert project.verify().sound
        [now] = set(glob_rows(project.folder / "predictions", "score"))
        assert now in {mark, mark + 1}
        assert glob_rows(project.folder / "metrics", "value") == [now]
        if calls[0] < nth:
            break
    assert calls[0] < nth
    told = [hint for hint in hints if hint is not None]
    assert told
    assert all("free space" in hint for hint in told)


def test_a_store_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A file where the store should be, or a folder that refuses: StoreError, exit 1, with a hint."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot make a folder") as error:
        Store(tmp_path / "file/store").create("street")
    assert error.value.exit_code == 1
    assert error.value.hint
    with pytest.raises(StoreError, match="cannot make a folder"):
        Store("/proc/boxscore").create("street")


def test_links_inside_the_store_are_not_followed(tmp_path: Path) -> None:
    """Neither a project nor a table nor staging may be a link that leads out of the store."""
    outside = tmp_path / "outside"
    store = Store(tmp_path / "store")
    project = store.create("street")
    outside.mkdir()
    (store.root / "linked").symlink_to(outside)
    with pytest.raises(StoreError, match="symbolic link"):
        store.create("linked")
    (project.folder / "predictions").symlink_to(outside)
    with pytest.raises(StoreError, match="symbolic link"):
        publish_set(project, 1)
    (project.folder / "predictions").unlink()
    assert list(outside.iterdir()) == []
    assert store.projects() == ["street"]
