"""How kernels come to be: no sooner than they are called."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

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


def test_what_a_kernel_calls_is_compiled_with_it() -> None:
    """The first call from Python hands over the kernel and those below it."""
    key = np.array([2, 0, 1], np.int32)
    sorted_rows, indptr = order.counting_sort(np.arange(3, dtype=np.int32), key, 3)
    assert (sorted_rows.tolist(), indptr.tolist()) == ([1, 2, 0], [0, 1, 2, 3])
    order.sort_run(sorted_rows, 0, 3, np.empty(3, np.int32), np.array([0.1, 0.5, 0.3]), np.zeros(3, np.int64))
    assert sorted_rows.tolist() == [1, 2, 0]
    assert hasattr(order._merge, "signatures"), "what sort_run calls stands there as numba made it"


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


def test_no_thread_runs_a_kernel_before_those_below_it_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """numba would compile it at once, and not know what it calls."""
    under_way = threading.Event()

    def slowly(function: object) -> object:
        if getattr(function, "__name__", "") == "_inner":
            under_way.set()
            time.sleep(0.2)
        return function

    monkeypatch.setattr(compiling, "_jit", slowly)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(_outer)
        assert under_way.wait(10)
        assert pool.submit(_outer).result()
        assert first.result()
