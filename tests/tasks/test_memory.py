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


def test_numpy_asks_for_no_huge_pages() -> None:
    """numpy leaves large arrays to the system's usual pages where that is said before it is imported."""
    code = "from tasks.memory import use_one_heap; use_one_heap(); import numpy as np"
    code += "; print(np._core.multiarray._get_madvise_hugepage())"
    environment = {name: value for name, value in os.environ.items() if name != "NUMPY_MADVISE_HUGEPAGE"}
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout == "False\n"
