"""How machine code that an earlier process has stored is loaded."""

import subprocess
import sys

import numpy as np

from tasks.kernels import order

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
