"""Memory between stages: what one used, the next should not have to find beside its own."""

import ctypes
import os
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""glibc's M_TRIM_THRESHOLD, M_MMAP_THRESHOLD and M_ARENA_MAX."""
_KEPT_BYTES, _ASKED_BYTES = 2**31 - 1, 2**25
"""Free memory that stays the process's until it is given back; blocks from this size on, which are as large as glibc
takes, come from the system each and go back to it."""


def use_one_heap() -> None:
    """Let Arrow allocate from the C library's heap, as numpy does: what one frees, the other takes up.

    With pools of their own, fresh pages for ten times val2017 cost two more CPU seconds of the system's time. Threads
    share it too: with heaps of their own, what one thread freed lies idle beside what another asks for. Pages are kept
    between one temporary array and the next. numpy is kept from asking for huge pages: of arrays made as large as they
    may have to be, and mostly left alone, the system would fill two megabytes wherever a byte is touched. Call it
    before Arrow and numpy are imported; what the environment says already stays.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
    if sys.platform == "linux":
        limit = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none
        if limit is not None:
            limit(_ARENA_MAX, 1)
            limit(_MMAP_THRESHOLD, _ASKED_BYTES)
            limit(_TRIM_THRESHOLD, _KEPT_BYTES)


def give_back() -> None:
    """Return freed memory to the system: Arrow's pool and glibc's heap each keep theirs otherwise."""
    import pyarrow as pa  # not above: `use_one_heap` comes first

    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none
        if trim is not None:
            trim(0)
