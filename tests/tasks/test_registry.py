"""Registries of modules that are imported when they are asked for."""

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tasks.registry import Registry


@dataclass(frozen=True)
class _Record:
    name: str


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry[_Record]:
    """Three modules that are entered, and one that is not."""
    package = tmp_path / "registered"
    package.mkdir()
    for module, name in (("first", "first"), ("second_one", "second-one"), ("third", "third")):
        code = f"from tests.tasks.test_registry import _Record\nRECORD = _Record({name!r})\n"
        (package / f"{module}.py").write_text(code)
    (package / "not_entered.py").write_text("RECORD = None")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.startswith("registered")]:
        del sys.modules[name]
    return Registry("registered", "RECORD", "first", "second_one", "third")


def _imported() -> set[str]:
    return {name.removeprefix("registered.") for name in sys.modules if name.startswith("registered.")}


def test_a_record_is_imported_when_it_is_asked_for(registry: Registry[_Record]) -> None:
    """By its own name, with hyphens; no other module is."""
    assert registry["second-one"] == _Record("second-one")
    assert _imported() == {"second_one"}


def test_who_goes_through_imports_as_far_as_they_go(registry: Registry[_Record]) -> None:
    """In the order of the entries."""
    assert next(iter(registry.values())) == _Record("first")
    assert _imported() == {"first"}
    assert [*registry] == ["first", "second-one", "third"]
    assert len(registry) == 3


@pytest.mark.parametrize("name", ["second_one", "not_entered", "not-entered", "", "os", "../first"])
def test_other_names_are_none(registry: Registry[_Record], name: str) -> None:
    """Those of modules, of what is not entered, of nothing."""
    assert name not in registry
    with pytest.raises(KeyError):
        registry[name]


def test_what_is_put_in_comes_first_until_it_is_taken_out(registry: Registry[_Record]) -> None:
    """In the place of one of its name, and beside the others."""
    own, other = _Record("first"), _Record("other")
    registry["first"], registry["other"] = own, other
    assert registry["first"] is own
    assert [*registry.values()] == [own, other, _Record("second-one"), _Record("third")]
    del registry["first"], registry["other"]
    assert [*registry] == ["first", "second-one", "third"]
