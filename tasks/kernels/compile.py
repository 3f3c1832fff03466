"""The one way a kernel is compiled: cached on disk, without the interpreter lock, with IEEE division."""

import hashlib
import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")

_FOLDER = Path(__file__).parent
_IMPORT = re.compile(rb"^from tasks\.kernels\.(\w+) import", re.MULTILINE)


@cache
def _imported(module: str) -> tuple[bytes, frozenset[str]]:
    """(digest of a kernel module's source, kernel modules it imports)."""
    source = (_FOLDER / f"{module}.py").read_bytes()
    return hashlib.sha256(source).digest(), frozenset(name.decode() for name in _IMPORT.findall(source))


@cache
def _sources_digest(module: str) -> str:
    """Changes with a module's source or that of any it calls: numba alone would go on using an old helper, inlined."""
    found = set[str]()
    waiting = (
        {"compile", module} if (_FOLDER / f"{module}.py").exists() else {path.stem for path in _FOLDER.glob("*.py")}
    )
    while waiting:
        found |= waiting
        waiting = {name for one in waiting for name in _imported(one)[1]} - found
    return hashlib.sha256(b"".join(_imported(name)[0] for name in sorted(found))).hexdigest()[:12]


def _use_own_cache(module: str) -> None:
    """Keep machine code beside the sources, unless the user said where, or the folder cannot be written."""
    if not _FOLDER_GIVEN and os.access(_FOLDER, os.W_OK):
        folder = str(_FOLDER / "__pycache__" / f"compiled-{_sources_digest(module)}")
        numba.config.CACHE_DIR = folder  # type: ignore[attr-defined]  # numba makes its settings at import


_FOLDER_GIVEN = bool(os.environ.get("NUMBA_CACHE_DIR"))


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` on its first call; later processes load the machine code from the cache beside its source.

    `nogil` lets threads run kernels side by side. `error_model="numpy"` divides by zero as IEEE 754 does.
    Fast-math stays off: results must agree bit for bit with the official evaluators.
    """
    _use_own_cache(function.__module__.rpartition(".")[2])
    return cast(Callable[P, R], numba.njit(cache=True, nogil=True, error_model="numpy")(function))
