"""Memory between stages: what one used, the next should not have to find beside its own."""

import ctypes
import os
import sys

_ARENA_MAX = -8
"""glibc's M_ARENA_MAX."""


def use_one_heap() -> None:
    """Let Arrow allocate from the C library's heap, as numpy does: what one frees, the other takes up.

    With pools of their own, fresh pages for ten times val2017 cost two more CPU seconds of the system's time. Threads
    share it too: with heaps of their own, what one thread freed lies idle beside what another asks for. Call it before
    Arrow is imported; a pool that the environment names already stays.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    if sys.platform == "linux":
        limit = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none
        if limit is not None:
            limit(_ARENA_MAX, 1)


def give_back() -> None:
    """Return freed memory to the system: Arrow's pool and glibc's heap each keep theirs otherwise."""
    import pyarrow as pa  # not above: `use_one_heap` comes first

    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none
        if trim is not None:
            trim(0)
