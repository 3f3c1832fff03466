"""Which versions of packages are installed, against `importlib.metadata`."""

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from tasks.installed import _beside_modules, installed_version


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    installed_version.cache_clear()
    _beside_modules.cache_clear()


@pytest.mark.parametrize("package", ["boxscore", "numpy", "pyarrow", "numba", "import-linter", "pydantic-core"])
def test_versions_are_those_of_the_metadata(package: str) -> None:
    """With hyphens in the name or without."""
    assert installed_version(package) == version(package)


def test_of_two_folders_the_metadata_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An upgrade may leave an old one behind, without the file."""
    (tmp_path / "numpy-0.1.dist-info").mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    assert installed_version("numpy") == version("numpy")


def test_a_package_that_is_not_installed_is_an_error() -> None:
    """It has no version."""
    with pytest.raises(PackageNotFoundError):
        installed_version("no-such-package")
