"""Digests made in the background."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tasks import begun_digests
from tasks.begun_digests import begin_digests
from tasks.storage.sources import FileSource


def _settled(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    os.utime(path, ns=(0, 0))
    return path


def test_a_digest_begun_in_the_background_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large file that has not changed for a while; another source of it finds it."""
    content = os.urandom(9 << 20)
    path = _settled(tmp_path / "file", content)
    monkeypatch.setattr(begun_digests, "_SETTLED_NS", -1)
    first, second = FileSource(path), FileSource(path)
    first.begin_digest()
    monkeypatch.setattr(FileSource, "read", None)
    assert second.sha256() == hashlib.sha256(content).hexdigest()


def test_a_digest_begun_before_a_change_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The digest is of the file as it is when it is asked for."""
    path = _settled(tmp_path / "file", os.urandom(9 << 20))
    monkeypatch.setattr(begun_digests, "_SETTLED_NS", -1)
    FileSource(path).begin_digest()
    content = os.urandom(9 << 20)
    path.write_bytes(content)
    assert FileSource(path).sha256() == hashlib.sha256(content).hexdigest()


def test_a_file_changed_only_now_is_not_begun(tmp_path: Path) -> None:
    """Its next change might not show in its times."""
    before = len(begun_digests._BEGUN)
    source = FileSource(_settled(tmp_path / "file", bytes(9 << 20)))
    source.begin_digest()
    assert len(begun_digests._BEGUN) == before
    assert source.sha256() == hashlib.sha256(bytes(9 << 20)).hexdigest()


def test_words_of_a_command_that_name_large_files_are_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By themselves or behind an option's sign; small files, folders, pipes and words that name nothing are not."""
    monkeypatch.setattr(begun_digests, "_SETTLED_NS", -1)
    contents = {name: os.urandom(9 << 20) for name in ("one", "other", "third")}
    for name, content in contents.items():
        _settled(tmp_path / name, content)
    _settled(tmp_path / "small", b"x")
    os.mkfifo(tmp_path / "pipe")
    words = ["--a", str(tmp_path / "one"), f"--b={tmp_path / 'other'}", "name", "\0", str(tmp_path)]
    before = len(begun_digests._BEGUN)
    begin_digests([*words, *(str(tmp_path / name) for name in ("third", "small", "pipe", "nothing"))])
    assert len(begun_digests._BEGUN) == before + 3
    monkeypatch.setattr(FileSource, "read", None)
    for name, content in contents.items():
        assert FileSource(tmp_path / name).sha256() == hashlib.sha256(content).hexdigest()
    assert len(begun_digests._BEGUN) == before


def test_nothing_large_is_imported_for_it() -> None:
    """Digests are begun before the libraries are imported that read."""
    code = "import sys, tasks.begun_digests; print({'pyarrow', 'numpy', 'numba'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"
