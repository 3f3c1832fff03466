"""Memory between stages: what one used, the next should not have to find beside its own."""

import ctypes
import os
import sys

_ARENA_MAX = -8
"""glibc's M_ARENA_MAX."""


def use_one_heap() -> None:
    """Let Arrow allocate from the C library's heap, as numpy does: what one frees, the other takes up.

    With pools of their own, fresh pages for ten times val2017 cost two more CPU seconds of the system's time. Call it
    before Arrow is imported; a pool that the environment names already stays.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")


def give_back() -> None:
    """Return freed memory to the system: Arrow's pool and glibc's heap each keep theirs otherwise."""
    import pyarrow as pa  # not above: `use_one_heap` comes first

    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none
        if trim is not None:
            trim(0)
