"""Machine code that an earlier process has stored, loaded without what only a compiler needs.

Imports numba: only `compile` imports this module, and only once a kernel is called. What numba itself does on the way
is in its `core/caching.py`, `core/codegen.py` and `core/environment.py`; the pinned version keeps it as it is.
"""

import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FunctionType
from typing import Any, cast

import llvmlite.binding as llvm  # type: ignore[import-untyped]
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompileResult, compile_result
from numba.core.environment import Environment, _rebuild_env
from numba.core.runtime import nrtdynmod
from numba.core.runtime.nrt import rtsys


class StoredCode(FunctionCache):
    """numba's cache of a function, which loads from it before any type or operation is made known.

    numba makes known all of them first, a third of a second in every process. Code that is loaded needs none of it
    but the runtime, which counts references to arrays. A compiler that is started later makes them known itself.
    """

    def __init__(self, function: FunctionType, before_compiling: Callable[[], None], shared: Path | None) -> None:
        """The cache of `function`; `before_compiling` is called where nothing is stored for some argument types.

        `shared` is the folder for what all kernels have in common; else it lies above their own.
        """
        super().__init__(function)  # type: ignore[no-untyped-call]
        self._before_compiling = before_compiling
        self._shared = shared or Path(self._cache_path).parent

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """What was compiled for argument types; None where nothing was, or not by this version, for this machine."""
        _start_runtime(target_context, self._shared)
        stored = self._read(self._index_key(sig, target_context.codegen()))  # type: ignore[no-untyped-call]
        if stored is None:
            self._before_compiling()
            return None
        return _rebuilt(target_context, stored)

    def _read(self, key: Any) -> Any:
        """What numba has stored under a key; None where there is no such file."""
        name = self._cache_file._load_index().get(key)  # type: ignore[no-untyped-call]
        if name is None:
            return None
        try:
            with open(self._cache_file._data_path(name), "rb") as file:  # type: ignore[no-untyped-call]
                return _Unpickler(file).load()
        except FileNotFoundError:  # cleared since the index was read
            return None


def _start_runtime(target_context: Any, folder: Path) -> None:
    """Make ready what counts references to arrays, which numba compiles in every process; it is kept in `folder`.

    The caller holds numba's lock, as every compilation does.
    """
    if rtsys._init:
        return
    kept = IndexDataCacheFile(str(folder), "runtime", None)  # type: ignore[no-untyped-call]
    key, compile_functions = target_context.codegen().magic_tuple(), nrtdynmod.compile_nrt_functions
    stored = kept.load(key)  # type: ignore[no-untyped-call]

    def functions(context: Any) -> JITCodeLibrary:
        if stored is not None:
            return _loaded(context.codegen(), stored)
        module, library = nrtdynmod.create_nrt_module(context)  # type: ignore[no-untyped-call]
        library.enable_object_caching()
        library.add_ir_module(module)
        library.finalize()
        with suppress(OSError):  # as good as kept
            kept.save(key, library.serialize_using_object_code())  # type: ignore[no-untyped-call]
        return cast(JITCodeLibrary, library)

    nrtdynmod.compile_nrt_functions = functions
    try:
        rtsys.initialize(target_context)
    finally:
        nrtdynmod.compile_nrt_functions = compile_functions


class _Unpickler(pickle.Unpickler):
    """Reads what numba has pickled; the folder is as trustworthy as the sources beside it."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == (_rebuild_env.__module__, _rebuild_env.__name__):
            return _environment
        return super().find_class(module, name)


def _environment(module: str, constants: list[Any], name: str) -> Environment:
    """The globals of a function that was inlined: only code that leaves for the interpreter looks at them.

    They are given where they are at hand. numba imports its operations on arrays for them, for a tenth of a second.
    """
    if module in sys.modules:
        return _rebuild_env(module, constants, name)  # type: ignore[no-untyped-call]
    made = Environment({})
    made.consts[:] = constants
    made.env_name = name
    return made


class _Library(JITCodeLibrary):
    """Machine code as it was stored, with what a compiler inlines of it: only a compiler parses that."""

    bitcode: bytes

    def _get_module_for_linking(self) -> Any:
        if self._shared_module is None:
            self._shared_module = llvm.parse_bitcode(self.bitcode)
            self._codegen._engine._load_defined_symbols(self._shared_module)  # type: ignore[no-untyped-call]
        return self._shared_module


def _loaded(codegen: Any, serialized: Any) -> _Library:
    """A library as it was stored."""
    name, _, (machine_code, bitcode) = serialized
    library = _Library(codegen, name)  # type: ignore[no-untyped-call]
    library.bitcode = bitcode
    library.enable_object_caching()  # type: ignore[no-untyped-call]
    library._set_compiled_object(machine_code)  # type: ignore[no-untyped-call]
    library._finalize_final_module()  # type: ignore[no-untyped-call]
    return library


def _rebuilt(target_context: Any, stored: Any) -> CompileResult:
    """What numba makes of the parts that it has stored, but for the parsing."""
    serialized, called, environment, signature, *rest = stored
    objectmode, lifted, annotation, reload_init, environments = rest
    for again in reload_init:
        again()
    codegen = target_context.codegen()
    library = _loaded(codegen, serialized)
    codegen._engine._defined_symbols |= {called.llvm_func_name, called.llvm_cpython_wrapper_name}
    for each in environments:
        codegen.set_env(each.env_name, each)
    return compile_result(  # type: ignore[no-untyped-call]
        target_context=target_context,
        typing_context=target_context.typing_context,
        library=library,
        environment=environment,
        entry_point=target_context.get_executable(library, called, environment),
        fndesc=called,
        type_annotation=annotation,
        signature=signature,
        objectmode=objectmode,
        lifted=lifted,
        reload_init=reload_init,
        referenced_envs=environments,
    )
