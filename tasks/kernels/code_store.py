"""Machine code on disk: kept beside the sources it was made of, and found by what these are."""

import hashlib
import os
import pickle
import re
import secrets
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FunctionType
from typing import Any

from tasks.installed import installed_version
from tasks.kernels.kinds import checked
from tasks.kernels.machine_code import MachineCode, machine

_FOLDER = Path(__file__).parent
_IMPORT = re.compile(rb"^from tasks\.kernels\.(\w+) import|= late\(\"(\w+)\"", re.MULTILINE)
_COMPILER = "compiler"
"""The module that decides what all machine code is like."""
_EVERY = "*"
"""No module's name: what is not known which kernels it calls may call any."""
_SETTING = "NUMBA_CACHE_DIR"
"""The folder a user names for code; what else is named so are settings of the compiler."""


def stored(function: FunctionType, arguments: tuple[Any, ...]) -> MachineCode | None:
    """What was kept of a kernel for the types of `arguments`; None where nothing was, or it is not whole.

    Raises:
        TypeError: What is given is nothing that a kernel takes.
        OverflowError: A number does not fit into 64 bits.
    """
    place = Path(_of_module(function.__module__), _name(function, arguments))
    for root in _roots():
        with suppress(OSError):
            content = (root / place).read_bytes()
            digest, data = content[:32], content[32:]
            if hashlib.sha256(data).digest() == digest:
                return MachineCode(*pickle.loads(data))  # noqa: S301 — as trustworthy as the sources beside it
    return None


def store(function: FunctionType, arguments: tuple[Any, ...], made: MachineCode) -> None:
    """Keep what `function` became for the types of `arguments`, whole or not at all; with a full disk, not at all.

    Its digest lies before it: the linker would run into what is cut off.
    """
    folder, data = folder_of(function), pickle.dumps(tuple(made))
    begun = folder / secrets.token_hex(8)
    try:
        begun.write_bytes(hashlib.sha256(data).digest() + data)
        begun.replace(folder / _name(function, arguments))
    except OSError:
        begun.unlink(missing_ok=True)


def folder_of(function: FunctionType) -> Path:
    """Where the code of a kernel's module is kept: in the first folder that can be written to, which is made."""
    for root in _roots():
        folder = root / _of_module(function.__module__)
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK):
                return folder
    return Path(_while_this_process_lives().name)


def what_for() -> str:
    """What must be as it was for the code of all kernels to be used again: sources, machine and compiler."""
    return repr((_of_module(_EVERY), *_machine()))


def is_anywhere() -> bool:
    """Whether there is any code in the folders that are searched."""
    return any(any(root.glob("compiled-*/*.code")) for root in _roots())


def _roots() -> tuple[Path, ...]:
    """Folders of code, in the order in which they are searched."""
    given = os.environ.get(_SETTING)
    if given:
        return (Path(given),)
    of_user = Path(os.path.expanduser(os.environ.get("XDG_CACHE_HOME") or "~/.cache"), "boxscore")
    beside = _FOLDER / "__pycache__"
    return (beside, of_user) if of_user.is_absolute() else (beside,)  # an account may have no home


@cache
def _while_this_process_lives() -> TemporaryDirectory[str]:
    return TemporaryDirectory()


def _name(function: FunctionType, arguments: tuple[Any, ...]) -> str:
    """The name of a file: a kernel, and what its code is for."""
    what_for = (*map(checked, arguments), *_machine())
    return f"{function.__qualname__}-{hashlib.sha256(repr(what_for).encode()).hexdigest()[:24]}.code"


@cache
def _machine() -> tuple[str, ...]:
    """The machine, and who compiles for it and how."""
    named = (item for item in os.environ.items() if item[0].startswith("NUMBA_") and item[0] != _SETTING)
    settings = sorted("=".join(item) for item in named)
    return (*machine(), installed_version("numba"), str(sys.implementation.cache_tag), *settings)


@cache
def _of_module(module: str) -> str:
    """The folder for a module of kernels, named after its source and those of all that it calls.

    numba alone would go on using an old helper, inlined, once the helper's file had changed.
    """
    name = module.rpartition(".")[2]
    found = set[str]()
    waiting = {name, _COMPILER} if (_FOLDER / f"{name}.py").exists() else {path.stem for path in _FOLDER.glob("*.py")}
    while waiting:
        found |= waiting
        waiting = {each for one in waiting for each in _imported(one)[1]} - found
    digest = hashlib.sha256(b"".join(_imported(each)[0] for each in sorted(found)))
    return f"compiled-{digest.hexdigest()[:12]}"


@cache
def _imported(module: str) -> tuple[bytes, frozenset[str]]:
    """(digest of a kernel module's source, kernel modules it imports)."""
    source = (_FOLDER / f"{module}.py").read_bytes()
    names = (at_start or late for at_start, late in _IMPORT.findall(source))
    return hashlib.sha256(source).digest(), frozenset(name.decode() for name in names)
