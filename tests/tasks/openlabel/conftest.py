"""What tests of OpenLABEL share."""

from pathlib import Path

import pytest

from tests.tasks.openlabel.scenes import Files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A folder for scenes."""
    return Files(tmp_path)
