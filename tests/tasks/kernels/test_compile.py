"""How kernels come to be: no sooner than they are called."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tasks.kernels import compile as compiling
from tasks.kernels import counts, order
from tasks.kernels.compile import _Kernel, _names, kernel


def test_importing_a_kernel_imports_no_numba() -> None:
    """A command that runs none does without it."""
    modules = "tasks.kernels.matching, tasks.kernels.json_records, tasks.storage"
    code = f"import sys, {modules}; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_kernels_sort_as_they_are_called_from_python() -> None:
    """Loaded or compiled, and those below them with them."""
    key = np.array([2, 0, 1], np.int32)
    sorted_rows, indptr = order.counting_sort(np.arange(3, dtype=np.int32), key, 3)
    assert (sorted_rows.tolist(), indptr.tolist()) == ([1, 2, 0], [0, 1, 2, 3])
    order.sort_run(sorted_rows, 0, 3, np.empty(3, np.int32), np.array([0.1, 0.5, 0.3]), np.zeros(3, np.int64))
    assert sorted_rows.tolist() == [1, 2, 0]


def test_names_are_found_in_comprehensions_too() -> None:
    """numba compiles them as part of the kernel."""

    def outer() -> list[object]:
        return [counts.TRUE for _ in range(len("a"))]

    assert {"counts", "range", "len"} <= _names(outer.__code__)


@kernel
def _inner() -> bool:
    return True


@kernel
def _outer() -> bool:
    """Whether what stands for the inner kernel is compiled by now; as plain Python, it may ask that."""
    return not isinstance(_inner, _Kernel) and _inner()


def test_what_a_kernel_calls_is_handed_over_before_it_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """numba would not know the wrappers that stand in the module."""

    def jit(function: Callable[[], bool], before_compiling: Callable[[], None]) -> Callable[[], bool]:
        def compiled() -> bool:
            before_compiling()
            return function()

        return compiled

    monkeypatch.setattr(compiling, "_jit", jit)
    monkeypatch.setitem(globals(), "_inner", _inner)  # and back again
    assert _outer()


_AT_ONCE = """
from concurrent.futures import ThreadPoolExecutor
import numpy as np
from tasks.kernels.grouping import group_annotations
with ThreadPoolExecutor(2) as pool:
    asked = [pool.submit(group_annotations, np.array([1, 0], np.int32), np.arange(2), 2) for _ in range(2)]
    print([found.result().order.tolist() for found in asked])
"""


def test_two_threads_may_call_a_kernel_at_once_that_nobody_has_compiled(tmp_path: Path) -> None:
    """One compiles it, and those below it; the other waits."""
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", _AT_ONCE]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[[1, 0], [1, 0]]"
