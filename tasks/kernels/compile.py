"""The one way a kernel is compiled: once for all processes, without the interpreter lock, with IEEE division."""

import inspect
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, update_wrapper
from importlib import import_module
from types import CodeType, FunctionType
from typing import Any, Generic, ParamSpec, TypeVar, cast

from tasks.kernels.kinds import kinds_of

P = ParamSpec("P")
R = TypeVar("R")

_ONE_AT_A_TIME = threading.RLock()


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

    @property
    def dispatcher(self) -> Any:
        """What it stands for."""
        return getattr(import_module(f"tasks.kernels.{self.module}"), self.name)


def late(module: str, name: str) -> Callable[..., Any]:
    """Stand for `name` of a kernel module that imports numba; kernels that use it have it put in its place."""
    return _Late(module, name)


class _Kernel(Generic[P, R]):
    """A kernel, with the machine code of each kind of arguments it was called with.

    The code is loaded at the first such call in a process, and compiled where none is kept. numba and LLVM are
    imported then and no earlier: a command that runs no kernel does without either, most others without numba.
    """

    def __init__(self, function: Callable[P, R]) -> None:
        self._function = cast(FunctionType, function)
        self._count = self._function.__code__.co_argcount
        self._made: dict[tuple[object, ...], Callable[..., Any]] = {}
        update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        given: tuple[Any, ...] = args
        if kwargs or len(args) != self._count:
            bound = inspect.signature(self._function).bind(*args, **kwargs)
            bound.apply_defaults()
            given = bound.args
        made = self._made.get(kinds_of(given)) or self._callable_for(given)
        return cast(R, made(*given))

    def _callable_for(self, arguments: tuple[Any, ...]) -> Callable[..., Any]:
        """Machine code for the kinds of arguments, loaded, or compiled and kept."""
        from tasks.kernels import code_store, machine_code

        kinds = kinds_of(arguments)
        with _ONE_AT_A_TIME:
            if kinds not in self._made:
                made = code_store.stored(self._function, arguments)
                if made is None:
                    made = self._compiled_for(arguments)
                    code_store.store(self._function, arguments, made)
                self._made[kinds] = machine_code.callable_of(made, self._function)
            return self._made[kinds]

    def _compiled_for(self, arguments: tuple[Any, ...]) -> Any:
        from tasks.kernels import compiler

        return compiler.machine_code(self.dispatcher, arguments)

    @cached_property
    def dispatcher(self) -> Any:
        """What numba compiles, for itself and where a kernel is compiled that calls this one.

        numba finds no wrappers in the module: those of kernels below are put in their place, and so on down.
        """
        from tasks.kernels import code_store, compiler

        names = self._function.__globals__
        for name in _names(self._function.__code__):
            if isinstance(names.get(name), _Kernel | _Late):
                names[name] = names[name].dispatcher
        return compiler.dispatcher_of(self._function, code_store.folder_of(self._function))


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` on its first call; later processes load the machine code from the cache beside its source."""
    return _Kernel(function)
