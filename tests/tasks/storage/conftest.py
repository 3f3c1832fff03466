"""A project in a store of its own."""

from pathlib import Path

import pytest

from tasks.storage import Project, Store


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project."""
    return Store(tmp_path / "store").create("street")
