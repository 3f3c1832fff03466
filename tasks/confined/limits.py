"""What a confined process may use: memory, CPU time, and no files."""

import resource
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_PAGES = Path("/proc/self/statm")


class Limits(NamedTuple):
    """Bounds of a confined process."""

    memory_bytes: int
    """Address space beyond what the process takes to start (RLIMIT_AS)."""
    cpu_seconds: int
    """RLIMIT_CPU"""
    wall_seconds: float
    """How long one answer may take."""


def confine(memory_bytes: int, cpu_seconds: int) -> None:
    """Bind this process for good: its memory, its CPU time, no file written, none opened, no core left behind."""
    _set(resource.RLIMIT_AS, _address_space() + memory_bytes)
    _set(resource.RLIMIT_CPU, cpu_seconds)
    _set(resource.RLIMIT_FSIZE, 0)
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_NOFILE, 0)


def _address_space() -> int:
    """Bytes mapped now; 0 where the system does not say, which then bounds all of it."""
    with suppress(OSError):
        return int(_PAGES.read_text().split()[0]) * resource.getpagesize()
    return 0


def _set(kind: int, most: int) -> None:
    hard = resource.getrlimit(kind)[1]
    bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (bound, bound))
