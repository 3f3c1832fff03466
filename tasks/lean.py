"""What a program of ours spares itself: imports nobody needs, heaps beside each other, being taken apart at the end."""

import atexit
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

from tasks.memory import use_one_heap

_OBJECTS_BETWEEN = 300_000
"""New objects between two searches for garbage: importing makes half as many. Rows are none."""


@contextmanager
def lean() -> Iterator[None]:
    """Import no library that no work needs, and share memory and cores; enter it before Arrow is imported."""
    use_one_heap()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's: its threads spin, and no work has large products
    gc.set_threshold(_OBJECTS_BETWEEN)
    without = Without("pandas", "cffi", "scipy")  # pyarrow and numba take 0.7 s to import them, and no work uses them
    sys.meta_path.insert(0, without)
    try:
        yield
    finally:
        sys.meta_path.remove(without)


def leave(code: int) -> NoReturn:
    """End the process when its work is over: Python would take apart all it has loaded for half a second.

    What libraries have registered for the end is still done.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # whoever wrote has said what could not be written
            stream.flush()
    os._exit(code)


class Without:
    """Finds no module of these names, as a finder of `sys.meta_path`."""

    def __init__(self, *names: str) -> None:
        """The names are of whole packages."""
        self._names = frozenset(names)

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        """Refuse, as if they were not installed; leave all others to the finders that follow."""
        if name in self._names:
            raise ModuleNotFoundError(name, name=name)
