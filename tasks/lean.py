"""What a program of ours spares itself: imports nobody needs, heaps beside each other, being taken apart at the end."""

import atexit
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import NoReturn

from tasks.memory import use_one_heap
from tasks.without import without

_OBJECTS_BETWEEN = 300_000
"""New objects between two searches for garbage: importing makes half as many. Rows are none."""
_UNUSED = (
    "pandas", "cffi", "scipy",  # pyarrow and numba take 0.7 s to import them
    "pyarrow._s3fs", "pyarrow._gcsfs", "pyarrow._azurefs", "pyarrow._hdfs",  # of pyarrow.fs; obstore reads S3
)  # fmt: skip
"""What libraries import if it is there, and no work of ours uses."""


def _stand_in(name: str, **members: object) -> ModuleType:
    """A module with nothing but `members`."""
    module = ModuleType(name)
    vars(module).update(members)
    return module


_NO_PLUGINS = _stand_in("pydantic.plugin._loader", get_plugins=tuple)
"""For what looks for plugins of pydantic in all packages, and imports 40 modules even where told not to."""
_NO_HELP = (
    _stand_in("numpy._core._add_newdocs"),
    _stand_in("numpy._core._add_newdocs_scalars"),
    _stand_in("pyarrow.vendored.docscrape", NumpyDocString=lambda _text: {"Parameters": ()}),
)
"""For what writes down, for 20 ms, what `help` shows of numpy and of Arrow's functions."""


@contextmanager
def lean() -> Iterator[None]:
    """Import no library that no work needs, and share memory and cores; enter it before Arrow is imported."""
    use_one_heap()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's: its threads spin, and no work has large products
    no_plugins = os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__") == "__all__"
    for stand_in in (*_NO_HELP, *([_NO_PLUGINS] if no_plugins else [])):
        sys.modules.setdefault(stand_in.__name__, stand_in)
    gc.set_threshold(_OBJECTS_BETWEEN)
    with without(*_UNUSED):
        yield


def leave(code: int) -> NoReturn:
    """End the process when its work is over: Python would take apart all it has loaded for half a second.

    What libraries have registered for the end is still done.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # whoever wrote has said what could not be written
            stream.flush()
    os._exit(code)
