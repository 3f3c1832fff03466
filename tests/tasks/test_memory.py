"""Tests of `tasks.memory`."""

import os
import subprocess
import sys

import pyarrow as pa

from tasks.memory import give_back


def test_freed_memory_goes_back() -> None:
    """Nothing in use is touched, and calling it twice does no harm."""
    kept = pa.array(range(1000))
    give_back()
    give_back()
    assert kept.to_pylist() == list(range(1000))


def test_arrow_and_numpy_share_a_heap() -> None:
    """Arrow allocates from the C library where that is said before it is imported and the environment names no pool."""
    code = "from tasks.memory import use_one_heap; use_one_heap(); import pyarrow as pa"
    code += "; print(pa.default_memory_pool().backend_name)"
    environment = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}

    def heap(**more: str) -> str:
        command = [sys.executable, "-c", code]
        return subprocess.run(command, env={**environment, **more}, capture_output=True, text=True, check=True).stdout

    assert heap() == "system\n"
    assert heap(ARROW_DEFAULT_MEMORY_POOL="mimalloc") == "mimalloc\n"
