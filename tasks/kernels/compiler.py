"""numba at work: functions into machine code. Imported where there is something to compile: numba takes a while."""

from contextlib import suppress
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any, cast

import llvmlite.binding as llvm  # type: ignore[import-untyped]
import numba
from numba.core.caching import FunctionCache
from numba.core.runtime import nrtdynmod

from tasks.kernels.machine_code import MachineCode


class _Cache(FunctionCache):
    """numba's cache, in a folder of ours: what a kernel calls need not be compiled again with each that calls it."""

    def __init__(self, function: FunctionType, folder: Path) -> None:
        numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]  # numba makes its settings at import
        super().__init__(function)  # type: ignore[no-untyped-call]

    def save_overload(self, types: Any, made: Any) -> None:
        """Keep what was compiled, unless the disk is full: then it is compiled again."""
        with suppress(OSError):
            super().save_overload(types, made)  # type: ignore[no-untyped-call]

    def read(self, types: tuple[Any, ...], codegen: Any) -> Any:
        """The parts of what was compiled for `types`; None where it was not kept."""
        with suppress(OSError):
            return self._cache_file.load(self._index_key(types, codegen))  # type: ignore[no-untyped-call]


def dispatcher_of(function: FunctionType, folder: Path) -> Any:
    """What numba compiles of a kernel, for itself and within others that call it; nothing is compiled yet.

    The interpreter's lock is let go. It divides by zero as IEEE 754 does. Fast-math stays off: results must agree bit
    for bit with the official evaluators.
    """
    made = cast(Any, numba.njit(nogil=True, error_model="numpy")(function))
    made._cache = _Cache(function, folder)  # as its cache=True would
    return made


def machine_code(dispatcher: Any, arguments: tuple[Any, ...]) -> MachineCode:
    """Compile for the types of `arguments`; numba's errors where it cannot."""
    types, codegen = tuple(map(dispatcher.typeof_pyval, arguments)), dispatcher.targetctx.codegen()
    dispatcher.compile(types)
    made = dispatcher._cache.read(types, codegen) or dispatcher.overloads[types]._reduce()
    (_, _, (code, _)), described, own, *_, others = made
    return MachineCode(
        code=code,
        entry=described.llvm_cpython_wrapper_name,
        environment=own.env_name,
        environments={each.env_name: list(each.consts) for each in (own, *others)},
        runtime=_runtime(),
    )


@cache
def _runtime() -> bytes:
    """What counts references to arrays, which numba makes for each process."""
    context = numba.core.registry.cpu_target.target_context
    module, _ = nrtdynmod.create_nrt_module(context)  # type: ignore[no-untyped-call]
    return cast(bytes, context.codegen()._tm.emit_object(llvm.parse_assembly(str(module))))
