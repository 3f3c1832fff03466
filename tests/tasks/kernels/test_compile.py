"""How kernels come to be: no sooner than they are called."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from tasks.kernels import counts, order
from tasks.kernels.compile import _Kernel, _names
from tasks.kernels.json_bytes import byte
from tests.tasks.kernels import called


def test_importing_a_kernel_imports_neither_numba_nor_llvm() -> None:
    """A command that runs none does without them."""
    modules = "tasks.kernels.matching, tasks.kernels.json_records, tasks.storage"
    code = f"import sys, {modules}; print({{'numba', 'llvmlite'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_kernels_sort_as_they_are_called_from_python() -> None:
    """Loaded or compiled, and those below them with them."""
    key = np.array([2, 0, 1], np.int32)
    sorted_rows, indptr = order.counting_sort(np.arange(3, dtype=np.int32), key, 3)
    assert (sorted_rows.tolist(), indptr.tolist()) == ([1, 2, 0], [0, 1, 2, 3])
    order.sort_run(sorted_rows, 0, 3, np.empty(3, np.int32), np.array([0.1, 0.5, 0.3]), np.zeros(3, np.int64))
    assert sorted_rows.tolist() == [1, 2, 0]


def test_kernels_take_arguments_by_name_and_by_default() -> None:
    """As the function does that they are made of, with its errors."""
    values, between = np.arange(9), called.between
    assert [between(values), between(values, high=7), between(high=3, values=values), between(values, 4)] == [
        3,
        5,
        1,
        1,
    ]
    for wrong in ((), (values, 1, 2, 3)):
        with pytest.raises(TypeError, match="argument"):
            between(*wrong)


def test_each_kind_of_arguments_has_code_of_its_own() -> None:
    """Integers stay integers: what was compiled for one type is not run for another."""
    assert [called.failing(cast(Any, number)) for number in (2, np.float32(2.5), True)] == [2, 2.5, True]
    assert called.doubled(np.array([1, 2], np.uint8)).tolist() == called.doubled(np.array([1.0, 2.0])).tolist()


def test_names_are_found_in_comprehensions_too() -> None:
    """numba compiles them as part of the kernel."""

    def outer() -> list[object]:
        return [counts.TRUE for _ in range(len("a"))]

    assert {"counts", "range", "len"} <= _names(outer.__code__)


def test_what_a_kernel_calls_is_handed_over_before_it_is_compiled(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """numba would not know the wrappers that stand in the module; Python code still finds what it may call."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(called, "between", called.between)  # and back again
    assert called.above(np.arange(9), 4) == 3
    assert not isinstance(called.between, _Kernel)
    assert called.between(np.arange(9)) == 3


def test_words_for_machine_code_are_for_kernels_alone() -> None:
    """Python cannot call what stands for operations of the machine."""
    with pytest.raises(TypeError, match="byte is for kernels"):
        byte(np.zeros(1, np.uint8), 0)


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
