"""How kernels come to be: no sooner than they are called."""

import subprocess
import sys

import numpy as np

from tasks.kernels import counts, order
from tasks.kernels.compile import _names


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
