"""The one way a kernel is compiled: cached on disk, without the interpreter lock, with IEEE division."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")

_FOLDER = Path(__file__).parent


def _sources_digest() -> str:
    """Changes with any kernel's source: numba alone would go on using machine code with an old helper inlined."""
    stats = sorted((entry.name, entry.stat()) for entry in os.scandir(_FOLDER) if entry.name.endswith(".py"))
    text = "\n".join(f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in stats)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _use_own_cache() -> None:
    """Keep machine code beside the sources, unless the user said where, or the folder cannot be written."""
    if not os.environ.get("NUMBA_CACHE_DIR") and os.access(_FOLDER, os.W_OK):
        folder = str(_FOLDER / "__pycache__" / f"compiled-{_sources_digest()}")
        numba.config.CACHE_DIR = folder  # type: ignore[attr-defined]  # numba makes its settings at import


_use_own_cache()


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` on its first call; later processes load the machine code from the cache beside its source.

    `nogil` lets threads run kernels side by side. `error_model="numpy"` divides by zero as IEEE 754 does.
    Fast-math stays off: results must agree bit for bit with the official evaluators.
    """
    return cast(Callable[P, R], numba.njit(cache=True, nogil=True, error_model="numpy")(function))
