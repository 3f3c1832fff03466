"""A project on a real S3 server, which the tests start."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks.storage import Project, Store
from tests.s3 import s3_server


@pytest.fixture(scope="session")
def bucket_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A bucket's place, its server running and named by the environment."""
    with s3_server() as environment, pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setenv("BOXSCORE_CACHE", str(tmp_path_factory.mktemp("copies")))
        yield "s3://bucket"


@pytest.fixture
def store(bucket_place: str) -> Store:
    """A store that nothing is in."""
    return Store(Path(f"{bucket_place}/stores/{secrets.token_hex(6)}"))


@pytest.fixture
def project(store: Store) -> Project:
    """An empty project."""
    return store.create("street")
