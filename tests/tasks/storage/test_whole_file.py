"""Files outside the store: whole or not there."""

import os
from pathlib import Path

import pytest

from schemas.errors import StoreError
from tasks.storage.whole_file import WholeFile


@pytest.fixture(params=["nameless", "hidden"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With and without a file system that allows files without names."""
    if request.param == "hidden":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    elif not hasattr(os, "O_TMPFILE"):
        pytest.skip("files without names are Linux's")
    return str(request.param)


def test_a_kept_file_holds_all_that_was_written(tmp_path: Path, way: str) -> None:
    """And stands alone in its folder."""
    file = WholeFile(tmp_path / "a")
    assert file.write(b"one") == 3
    file.write(memoryview(b"two"))
    assert not (tmp_path / "a").exists()
    file.keep()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"onetwo"}


def test_it_takes_the_place_of_another(tmp_path: Path, way: str) -> None:
    """At once, when it is kept."""
    (tmp_path / "a").write_bytes(b"before")
    file = WholeFile(tmp_path / "a")
    file.write(b"after")
    assert (tmp_path / "a").read_bytes() == b"before"
    file.keep()
    assert (tmp_path / "a").read_bytes() == b"after"


def test_an_abandoned_file_leaves_nothing(tmp_path: Path, way: str) -> None:
    """Nor does one that is abandoned twice."""
    file = WholeFile(tmp_path / "a")
    file.write(b"x")
    file.abandon()
    file.abandon()
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_told(tmp_path: Path, way: str) -> None:
    """At once."""
    with pytest.raises(StoreError, match="cannot write: No such file or directory"):
        WholeFile(tmp_path / "no" / "a")
