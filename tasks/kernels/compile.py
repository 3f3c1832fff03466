"""The one way a kernel is compiled: cached on disk, without the interpreter lock, with IEEE division."""

import hashlib
import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, update_wrapper
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, Generic, ParamSpec, TypeVar, cast

from tasks.without import without

P = ParamSpec("P")
R = TypeVar("R")

_FOLDER = Path(__file__).parent
_IMPORT = re.compile(rb"^from tasks\.kernels\.(\w+) import|= late\(\"(\w+)\"", re.MULTILINE)
_FOLDER_GIVEN = bool(os.environ.get("NUMBA_CACHE_DIR"))
_ONE_AT_A_TIME = threading.RLock()


@cache
def _imported(module: str) -> tuple[bytes, frozenset[str]]:
    """(digest of a kernel module's source, kernel modules it imports)."""
    source = (_FOLDER / f"{module}.py").read_bytes()
    names = (at_start or late for at_start, late in _IMPORT.findall(source))
    return hashlib.sha256(source).digest(), frozenset(name.decode() for name in names)


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


def _jit(function: FunctionType, before_compiling: Callable[[], None]) -> Callable[..., Any]:
    """What numba makes of a function, with machine code kept beside the sources.

    Unless the user said where, or the folder cannot be written. numba is imported here and no earlier: a command that
    runs no kernel does without its tenth of a second. YAML is what a settings file of numba's own would be in.
    """
    with without("yaml"):
        import numba

    from tasks.kernels.machine_code import StoredCode

    shared = None
    if not _FOLDER_GIVEN and os.access(_FOLDER, os.W_OK):
        module, shared = function.__module__.rpartition(".")[2], _FOLDER / "__pycache__"
        folder = str(shared / f"compiled-{_sources_digest(module)}")
        numba.config.CACHE_DIR = folder  # type: ignore[attr-defined]  # numba makes its settings at import
    made = numba.njit(nogil=True, error_model="numpy")(function)
    made._cache = StoredCode(function, before_compiling, shared)  # type: ignore[attr-defined]  # as its cache=True would
    made._compilation_chain_init_hook = _no_plugins  # type: ignore[attr-defined]
    return cast(Callable[..., Any], made)


def _no_plugins() -> None:
    """Kernels take arrays and numbers: numba need not search all installed packages for those that add types."""


def _names(code: CodeType) -> frozenset[str]:
    """Global names that a function uses, in its comprehensions too."""
    inner = [_names(constant) for constant in code.co_consts if isinstance(constant, CodeType)]
    return frozenset(code.co_names).union(*inner)


@dataclass(frozen=True, slots=True)
class _Late:
    """A name of a kernel module that importing numba gives, not known before a kernel is compiled that uses it."""

    module: str
    name: str

    def __call__(self, *args: Any) -> Any:
        raise TypeError(f"{self.name} is for kernels: it stands for machine code, and only they are compiled")

    def compiled(self) -> Any:
        """What it stands for."""
        return getattr(import_module(f"tasks.kernels.{self.module}"), self.name)


def late(module: str, name: str) -> Callable[..., Any]:
    """Stand for `name` of a kernel module that imports numba; kernels that use it have it put in its place."""
    return _Late(module, name)


class _Kernel(Generic[P, R]):
    """A kernel that numba has not seen yet. The first call hands it over; those that it calls, once it is compiled."""

    def __init__(self, function: Callable[P, R]) -> None:
        self._function = cast(FunctionType, function)
        self._made: Callable[..., Any] | None = None
        update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return cast(R, (self._made or self.compiled())(*args, **kwargs))

    def compiled(self) -> Callable[..., Any]:
        """What numba made of it."""
        with _ONE_AT_A_TIME:
            if self._made is None:
                self._made = _jit(self._function, self._hand_over_globals)
            return self._made

    def _hand_over_globals(self) -> None:
        """Let numba find kernels where the module has their wrappers: code that is loaded needs none of them."""
        names = self._function.__globals__
        for name in _names(self._function.__code__):
            if isinstance(names.get(name), _Kernel | _Late):
                names[name] = names[name].compiled()


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` on its first call; later processes load the machine code from the cache beside its source.

    `nogil` lets threads run kernels side by side. `error_model="numpy"` divides by zero as IEEE 754 does.
    Fast-math stays off: results must agree bit for bit with the official evaluators.
    """
    return _Kernel(function)
