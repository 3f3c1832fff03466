"""Machine code of kernels, made callable without numba, which is a compiler: a process that has the code needs none.

LLVM links it; the parts of numba that the code calls are C (counting references to arrays, handing them to Python).
They lie in its `_helperlib.c`, `_dynfunc.c` and `core/runtime/_nrt_python.c`, and have the names by which its
`core/base.py`, `core/externals.py` and `core/runtime/nrt.py` make them known to LLVM: the pin keeps them as they are.
"""

import builtins
import ctypes
import pickle
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import llvmlite.binding as llvm  # type: ignore[import-untyped]


class MachineCode(NamedTuple):
    """What a kernel became for some types of arguments."""

    code: bytes
    """An object file as the linker reads it."""
    entry: str
    """The symbol that Python calls."""
    environment: str
    """Which of `environments` is the kernel's own."""
    environments: dict[str, list[Any]]
    """By symbol: what the code hands to Python, such as the types of new arrays."""
    runtime: bytes
    """The object file of what counts references to arrays, the same in all."""


def machine() -> tuple[str, ...]:
    """What machine code depends on beside its sources."""
    processor = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    return llvm.get_process_triple(), *processor, *map(str, llvm.llvm_version_info)


def callable_of(made: MachineCode, called: Callable[..., Any]) -> Callable[..., Any]:
    """Link machine code to what it calls; `called` is the function it was made of. One thread at a time."""
    engine, c_functions = _engine(made.runtime)
    _link(engine, made.code)
    environments = {name: c_functions.Environment({}) for name in made.environments}
    for name, environment in environments.items():
        environment.consts[:] = made.environments[name]
        ctypes.c_void_p.from_address(engine.get_global_value_address(name)).value = id(environment)
    module, address = sys.modules[called.__module__], engine.get_function_address(made.entry)
    own, alive = environments[made.environment], tuple(environments.values())
    return c_functions.make_function(module, called.__name__, called.__doc__ or "", address, own, alive)


@cache
def _engine(runtime: bytes) -> tuple[Any, Any]:
    """(what links code into the process, what makes functions of Python of it)."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_triple(llvm.get_process_triple())
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target.create_target_machine(jit=True))
    c_functions = _name_symbols()
    _link(engine, runtime)
    return engine, c_functions


def _link(engine: Any, code: bytes) -> None:
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()


def _name_symbols() -> ModuleType:
    """Name what machine code calls; the module that makes functions of Python of it."""
    helpers, functions, runtime = map(_extension, ("_helperlib", "_dynfunc", "core.runtime._nrt_python"))
    named = dict(helpers.c_helpers)  # those of mathematics go by their own names
    named |= {f"numba_{name}": address for name, address in (helpers.c_helpers | functions.c_helpers).items()}
    named |= {name if name.startswith("_") else f"NRT_{name}": place for name, place in runtime.c_helpers.items()}
    named |= {f"PyExc_{name}": id(kind) for name, kind in vars(builtins).items() if _is_exception(kind)}
    for name, address in (named | {"_Py_NoneStruct": id(None)}).items():
        llvm.add_symbol(name, address)
    _unpickle_without_numba(helpers.c_helpers["unpickle"])
    return functions


def _is_exception(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseException)


def _extension(name: str) -> ModuleType:
    """One of numba's modules in C, without the package around it; as a later import of numba would load it."""
    if "numba" in sys.modules:
        return import_module(f"numba.{name}")
    package = find_spec("numba")
    assert package is not None
    assert package.origin is not None
    folder = Path(package.origin).parent.joinpath(*name.split(".")[:-1])
    spec = PathFinder.find_spec(f"numba.{name}", [str(folder)])
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _unpickle_without_numba(address: int) -> None:
    """Let the C code ask Python's `pickle` for classes that kernels return: numba's own function does no more.

    The C code looks for that function once, in a module of numba that imports a hundred others.
    """
    if "numba" in sys.modules:
        return
    stand_in, nothing = ModuleType("numba.core.serialize"), pickle.dumps(None)
    stand_in._numba_unpickle = _unpickled  # type: ignore[attr-defined]
    modules = {"numba": ModuleType("numba"), stand_in.__name__: stand_in}
    sys.modules |= modules
    try:
        unpickle = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p)(address)
        unpickle(nothing, len(nothing), bytes(20))
    finally:
        for name in modules:
            del sys.modules[name]


@cache
def _unpickled(_address: int, data: bytes, _digest: bytes) -> Any:
    return pickle.loads(data)  # noqa: S301 — it lies in machine code, which is trusted as the sources are
