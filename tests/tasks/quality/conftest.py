"""A measured set that tests of quality share."""

import pytest

from tests.quality_zoo import QualityZoo, quality_zoo


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> QualityZoo:
    """Every shape, ordinary and odd, imported and measured; tests look and change nothing."""
    return quality_zoo(tmp_path_factory.mktemp("quality"), 3)
