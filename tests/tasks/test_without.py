"""Tests of `tasks.without`."""

import importlib
import sys

import pytest

from tasks.without import without


def test_what_is_refused_seems_not_to_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the block, by its whole name; afterwards it is imported as ever."""
    monkeypatch.delitem(sys.modules, "wave", raising=False)
    with without("wave"):
        with pytest.raises(ModuleNotFoundError, match="wave") as refused:
            importlib.import_module("wave")
        assert refused.value.name == "wave"
    assert importlib.import_module("wave").__name__ == "wave"


def test_what_is_imported_stays() -> None:
    """Refusing comes too late for it."""
    with without("sys", "pytest"):
        assert importlib.import_module("pytest") is pytest
