"""What tests of all parts share."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings

with suppress(ImportError):  # commands that run in this process let nothing import it later
    import pandas  # noqa: F401

# the first example of a test may compile a kernel, which takes longer than any deadline
settings.register_profile("boxscore", deadline=None)
settings.load_profile("boxscore")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of samples beside the repository; tests that need it are skipped where it is not there."""
    folder = Path(__file__).resolve().parents[1] / "../shared"
    if not folder.is_dir():
        pytest.skip("needs ../shared, which is not here")
    return folder.resolve()
