"""How machine code that an earlier process has stored is loaded."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from tasks.kernels import grouping, order

_LOADED = """
import sys
import numpy as np
from tasks.kernels.order import counting_sort
rows, _ = counting_sort(np.arange(3, dtype=np.int32), np.array([2, 0, 1], np.int32), 3)
print(rows.tolist(), "numba.misc.cffiimpl" in sys.modules)
"""


def test_stored_code_is_loaded_without_what_a_compiler_needs() -> None:
    """numba makes known every type and operation before it compiles, which no loaded code uses."""
    order.counting_sort(np.arange(3, dtype=np.int32), np.array([2, 0, 1], np.int32), 3)  # stored, unless it is
    done = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[1, 2, 0] False"


def test_a_kernel_is_compiled_after_others_were_loaded() -> None:
    """What was not made known while loading is when a compiler is started."""
    compiled = _LOADED + "from numba import njit; print(njit(lambda values: np.median(values))(np.ones(4)))"
    done = subprocess.run([sys.executable, "-c", compiled], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[1,", "2,", "0]", "False", "1.0"]


_INLINED = """
from numba import njit
made = counting_sort.compiled()
assert made._cache_hits and not made._cache_misses, "loaded, not compiled"
print(njit(lambda row, key: made(row, key, 2)[0][0])(np.arange(2, dtype=np.int32), np.array([1, 0], np.int32)))
"""


def test_a_loaded_kernel_is_inlined_where_one_is_compiled_that_calls_it() -> None:
    """What a compiler needs of stored code is parsed when there is one."""
    done = subprocess.run([sys.executable, "-c", _LOADED + _INLINED], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "1"


_CALLS_OTHERS = """
import numpy as np
from tasks.kernels import grouping
found = grouping.group_annotations(np.array([1, 0], np.int32), np.arange(2), 2)
print(found.order.tolist(), grouping.counting_sort._made is None)
"""


def test_kernels_that_a_loaded_one_calls_are_not_handed_over() -> None:
    """Their code is part of its own; numba would take a millisecond for each."""
    grouping.group_annotations(np.array([1, 0], np.int32), np.arange(2), 2)  # stored, unless it is
    done = subprocess.run([sys.executable, "-c", _CALLS_OTHERS], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[1, 0] True"


_COUNTED = (
    """
from numba.core.runtime import nrtdynmod
create, made = nrtdynmod.create_nrt_module, []
nrtdynmod.create_nrt_module = lambda context: made.append(1) or create(context)
"""
    + _LOADED
    + "print(len(made), nrtdynmod.compile_nrt_functions.__module__)"
)


def test_what_counts_references_is_compiled_once_and_kept(tmp_path: Path) -> None:
    """The next process loads it; what numba calls for it is as it was."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    said = [
        subprocess.run([sys.executable, "-c", _COUNTED], capture_output=True, text=True, check=True, env=environment)
        for _ in range(2)
    ]
    names = "numba.core.runtime.nrtdynmod"
    assert [each.stdout.splitlines()[-1] for each in said] == [f"1 {names}", f"0 {names}"]
    assert [path.name for path in tmp_path.glob("runtime*.nbi")] == ["runtime.nbi"]


def test_no_installed_package_is_searched_for_types() -> None:
    """numba goes through the entry points of all of them before its first call."""
    code = _LOADED + "import numba.core.entrypoints as points; print(points._already_initialized)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
