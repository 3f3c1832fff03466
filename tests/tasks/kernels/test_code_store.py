"""Where machine code lies, and when it is used again."""

import errno
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any, cast

import numpy as np
import pytest

from tasks.kernels import code_store
from tasks.kernels.code_store import folder_of, store, stored
from tasks.kernels.machine_code import MachineCode
from tests.tasks.kernels.called import doubled

_MADE = MachineCode(b"code", "entry", "own", {"own": [np.dtype("f8")]}, b"runtime")
_FUNCTION = cast(FunctionType, cast(Any, doubled).__wrapped__)
_ARGUMENTS = (np.ones(2),)


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that the user has named for code."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Of sources and machines, from before the test or after it."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    for remembering in (code_store._of_module, code_store._imported, code_store._machine):
        remembering.cache_clear()


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_stored_is_found_again(folder: Path) -> None:
    """By the kernel and the types of its arguments, whatever their values; others find nothing."""
    assert stored(_FUNCTION, _ARGUMENTS) is None
    store(_FUNCTION, _ARGUMENTS, _MADE)
    assert stored(_FUNCTION, (np.zeros(9),)) == _MADE
    assert stored(_FUNCTION, (np.zeros(2, np.int64),)) is None
    assert [path.suffix for path in _files(folder)] == [".code"]


def test_a_folder_of_code_may_be_moved(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Into an image, say, from where it was compiled."""
    store(_FUNCTION, _ARGUMENTS, _MADE)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder.rename(folder.with_name("moved"))))
    _forget()
    assert stored(_FUNCTION, _ARGUMENTS) == _MADE


@pytest.mark.parametrize(
    "harm",
    [
        lambda held: b"",
        lambda held: held[:-1],
        lambda held: held[:40],
        lambda held: held[:-1] + b"!",
        lambda held: b"a",
    ],
)
def test_code_that_is_not_whole_is_not_run(folder: Path, harm: Callable[[bytes], bytes]) -> None:
    """It is compiled again, and replaced."""
    store(_FUNCTION, _ARGUMENTS, _MADE)
    (path,) = _files(folder)
    path.write_bytes(harm(path.read_bytes()))
    assert stored(_FUNCTION, _ARGUMENTS) is None
    store(_FUNCTION, _ARGUMENTS, _MADE)
    assert stored(_FUNCTION, _ARGUMENTS) == _MADE


def test_a_full_disk_keeps_nothing_and_stops_nobody(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code runs all the same; the next process compiles it again."""

    def written(path: Path, data: bytes) -> None:
        with path.open("wb") as file:
            file.write(data[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", written)
    store(_FUNCTION, _ARGUMENTS, _MADE)
    assert stored(_FUNCTION, _ARGUMENTS) is None
    assert _files(folder) == []


@pytest.mark.parametrize(
    ("name", "value"), [("machine", lambda: ("another", "features")), ("installed_version", lambda name: "0.1")]
)
def test_another_machine_or_compiler_has_code_of_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: Callable[..., Any]
) -> None:
    """A folder may be shared by machines with other instructions, and outlive an upgrade."""
    store(_FUNCTION, _ARGUMENTS, _MADE)
    monkeypatch.setattr(code_store, name, value)
    _forget()
    assert stored(_FUNCTION, _ARGUMENTS) is None


def test_settings_of_numba_have_code_of_their_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that checks every index is not run where nobody asked for it."""
    store(_FUNCTION, _ARGUMENTS, _MADE)
    monkeypatch.setenv("NUMBA_BOUNDSCHECK", "1")
    _forget()
    assert stored(_FUNCTION, _ARGUMENTS) is None


def test_code_is_of_its_source_and_of_all_that_it_calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A changed helper, which is inlined, makes the code of its callers another; that of others stays."""
    sources = {
        "low": "",
        "late_low": "",
        "middle": "from tasks.kernels.low import x\n",
        "high": 'from tasks.kernels.middle import y\nz: Operation = late("late_low", "z")\n',
        "other": "",
        "compiler": "",
    }
    for name, source in sources.items():
        (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.setattr(code_store, "_FOLDER", tmp_path)

    def changed(by: str) -> set[str]:
        before = {name: code_store._of_module(name) for name in sources}
        (tmp_path / f"{by}.py").write_text(sources[by] + "\n# changed")
        _forget()
        return {name for name in sources if code_store._of_module(name) != before[name]}

    assert changed("low") == {"low", "middle", "high"}
    assert changed("late_low") == {"late_low", "high"}
    assert changed("other") == {"other"}
    assert changed("compiler") == set(sources)


def test_where_sources_cannot_be_written_code_lies_with_the_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What was compiled when the program was installed is still found beside the sources."""
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    monkeypatch.setattr(code_store, "_FOLDER", tmp_path)
    store(_FUNCTION, _ARGUMENTS, _MADE)
    beside = folder_of(_FUNCTION)
    assert beside.parent == tmp_path / "__pycache__"
    monkeypatch.setattr(code_store.os, "access", lambda path, mode: not str(path).startswith(str(beside)))
    assert folder_of(_FUNCTION).parent == tmp_path / "user" / "boxscore"
    assert stored(_FUNCTION, _ARGUMENTS) == _MADE
    monkeypatch.setattr(code_store.os, "access", lambda path, mode: False)
    assert folder_of(_FUNCTION).is_dir()


def test_an_account_without_a_home_gets_no_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`~` stays as it is where nobody knows a home: code is not kept in a folder of that name."""
    monkeypatch.chdir(tmp_path)
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(code_store.os.path, "expanduser", lambda path: path)
    monkeypatch.setattr(code_store, "_FOLDER", tmp_path / "read-only" / "file")
    (tmp_path / "read-only").touch()
    assert not folder_of(_FUNCTION).is_relative_to(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["read-only"]


def test_whether_code_is_anywhere(folder: Path) -> None:
    """It is once a kernel's was stored, and what it is for does not depend on where it lies."""
    before = code_store.what_for()
    assert not code_store.is_anywhere()
    store(_FUNCTION, _ARGUMENTS, _MADE)
    assert code_store.is_anywhere()
    assert code_store.what_for() == before
