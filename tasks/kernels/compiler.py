"""numba at work: functions into machine code. Imported where there is something to compile: numba takes a while."""

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


def dispatcher_of(function: FunctionType, folder: Path) -> Any:
    """A kernel as numba compiles it within others that call it; nothing is compiled yet."""
    made = _dispatcher(function)
    made._cache = _Cache(function, folder)  # as its cache=True would
    return made


def machine_code(function: FunctionType, arguments: tuple[Any, ...]) -> MachineCode:
    """Compile `function` for the types of `arguments`; numba's errors where it cannot."""
    dispatcher = _dispatcher(function)  # of its own: numba's cache gives no object file
    types = tuple(map(dispatcher.typeof_pyval, arguments))
    dispatcher.compile(types)
    made = dispatcher.overloads[types]
    environments = (made.environment, *made._find_referenced_environments())
    return MachineCode(
        code=made.library._get_compiled_object(),
        entry=made.fndesc.llvm_cpython_wrapper_name,
        environment=made.environment.env_name,
        environments={each.env_name: list(each.consts) for each in environments},
        runtime=_runtime(),
    )


def _dispatcher(function: FunctionType) -> Any:
    """The interpreter's lock is let go. It divides by zero as IEEE 754 does.

    Fast-math stays off: results must agree bit for bit with the official evaluators.
    """
    return cast(Any, numba.njit(nogil=True, error_model="numpy")(function))


@cache
def _runtime() -> bytes:
    """What counts references to arrays, which numba makes for each process."""
    context = numba.core.registry.cpu_target.target_context
    module, _ = nrtdynmod.create_nrt_module(context)  # type: ignore[no-untyped-call]
    return cast(bytes, context.codegen()._tm.emit_object(llvm.parse_assembly(str(module))))
