"""What people import."""

import subprocess
import sys
from importlib.metadata import version

import pytest

import boxscore

HEAVY = ("pyarrow", "numba", "prefect", "numpy", "pydantic", "polars")


def test_importing_it_loads_nothing_heavy() -> None:
    """A prediction loop waits for no library that it may not need."""
    code = f"import sys, boxscore; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", boxscore.__all__)
def test_every_name_is_there(name: str) -> None:
    """Those loaded late too; classes say that they are of `boxscore`, for pickles."""
    found = getattr(boxscore, name)
    if isinstance(found, type) and name != "PredictionWriter":
        assert (found.__module__, found.__qualname__) == ("boxscore", name)


def test_the_version_is_the_distribution_s() -> None:
    """One number, in one place."""
    assert boxscore.__version__ == version("boxscore")


def test_other_names_are_not_there() -> None:
    """As in any module."""
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        boxscore.nothing  # noqa: B018 - looked up for its error
