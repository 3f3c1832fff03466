"""The one way a kernel is compiled: cached on disk, without the interpreter lock, with IEEE division."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` on its first call; later processes load the machine code from the cache beside its source.

    `nogil` lets threads run kernels side by side. `error_model="numpy"` divides by zero as IEEE 754 does.
    Fast-math stays off: results must agree bit for bit with the official evaluators.
    """
    return cast(Callable[P, R], numba.njit(cache=True, nogil=True, error_model="numpy")(function))
