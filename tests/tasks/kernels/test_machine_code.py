"""How machine code that an earlier process has stored is run: without numba."""

import subprocess
import sys

import numpy as np
import pytest

from tasks.kernels.grouping import group_annotations
from tests.tasks.kernels.called import doubled, failing

_LOADED = """
import sys
import numpy as np
from tasks.kernels.grouping import group_annotations
from tests.tasks.kernels.called import doubled, failing
called = group_annotations(np.array([1, 0], np.int32), np.arange(2), 2)
"""
_ERRORS = """
for number in (1, -1):
    try:
        print(failing(number))
    except ValueError as error:
        print(error)
"""
_FREED = """
import resource
resource.setrlimit(resource.RLIMIT_DATA, (1 << 30, 1 << 30))
for _ in range(100):
    doubled(np.ones(1 << 21))
print(True)
"""
_NUMBA_LATER = """
from numba import njit
print(njit(lambda values: np.median(values))(np.ones(4)), failing(3))
"""
_COMPILED_INTO_ANOTHER = """
from numba import njit
lower = group_annotations.dispatcher
print(njit(lambda unit, row: lower(unit, row, 2).order[0])(np.array([1, 0], np.int32), np.arange(2)))
"""


def _said(code: str) -> list[str]:
    """Lines printed by a process that finds all machine code stored."""
    group_annotations(np.array([1, 0], np.int32), np.arange(2), 2)
    doubled(np.ones(1))
    failing(1)
    done = subprocess.run([sys.executable, "-c", _LOADED + code], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("print(type(called).__name__, called.order.tolist())", ["AnnotationGroups [1, 0]"]),
        ("print(sum(each.sum() for each in [doubled(np.ones(3)) for _ in range(100)]))", ["600.0"]),
        (_ERRORS, ["1", "no number below 0"]),
        (_FREED, ["True"]),
    ],
    ids=["classes", "arrays", "errors", "memory"],
)
def test_stored_code_runs_without_numba(code: str, said: list[str]) -> None:
    """It returns named tuples and new arrays, whose memory it gives up, and raises; no compiler is imported for it."""
    assert _said(f"{code}\nprint('numba' in sys.modules)") == [*said, "False"]


@pytest.mark.parametrize(
    ("code", "said"), [(_NUMBA_LATER, ["1.0 3"]), (_COMPILED_INTO_ANOTHER, ["1"])], ids=["by itself", "of ours"]
)
def test_numba_compiles_after_code_was_loaded(code: str, said: list[str]) -> None:
    """Its modules in C, which loading has begun to use, are as it expects them; so are our kernels, to call."""
    assert _said(code) == said
