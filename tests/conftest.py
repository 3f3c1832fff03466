"""What tests of all parts share."""

from pathlib import Path

import pytest
from hypothesis import settings

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
