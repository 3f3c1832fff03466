"""Tests of `tasks.lean`, each in a process of its own."""

import subprocess
import sys

import pytest


def _told(code: str) -> str:
    """What a program says."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_what_nobody_needs_is_not_there_meanwhile() -> None:
    """An import is refused as that of a package which is not installed, within the block only."""
    code = """
import sys, types
from tasks.lean import lean
sys.modules.pop("scipy", None)
with lean():
    try:
        import scipy
    except ModuleNotFoundError as error:
        print(error.name)
sys.modules["scipy"] = types.ModuleType("scipy")
import scipy
print(len([finder for finder in sys.meta_path if type(finder).__module__ == "tasks.without"]))
"""
    assert _told(code) == "scipy\n0\n"


def test_credentials_of_a_profile_can_be_read() -> None:
    """What reads AWS's configuration files for a store on S3 finds all that it imports."""
    pytest.importorskip("boto3")
    code = "from tasks.lean import lean\nwith lean(): import obstore.auth.boto3 as auth\nprint(auth.__name__)"
    assert _told(code) == "obstore.auth.boto3\n"


def test_no_plugin_of_pydantic_is_looked_for() -> None:
    """Nor is what would look for one imported; models are as they were."""
    code = """
import sys
from tasks.lean import lean
with lean():
    import pydantic
    print(pydantic.TypeAdapter(int).validate_python("7"), "importlib.metadata" in sys.modules)
"""
    assert _told(code) == "7 False\n"


def test_libraries_work_without_what_help_would_say() -> None:
    """What numpy and Arrow do is as it was; Arrow's functions know their options, of which they tell no more."""
    code = """
from tasks.lean import lean
with lean():
    import numpy as np, pyarrow as pa, pyarrow.compute as pc
print(np.arange(3).sum(), pc.round(pa.scalar(2.55), ndigits=1), pc.round.__doc__.count("ndigits"), bool(np.add.__doc__))
"""
    assert _told(code) == "3 2.6 0 True\n"


def test_garbage_is_looked_for_seldom() -> None:
    """A table's work makes few objects, imports make many that stay."""
    assert int(_told("import gc; from tasks.lean import lean\nwith lean(): print(gc.get_threshold()[0])")) > 10_000


def test_who_leaves_has_said_everything() -> None:
    """What is written but not flushed comes out, what is registered for the end is done, and the exit code is given."""
    code = """
import atexit, sys
from tasks.lean import leave
atexit.register(print, "at the end")
print("written", end="; ")
leave(7)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.returncode) == ("written; at the end\n", 7)
