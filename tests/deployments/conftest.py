"""What the tests of operation share: finding whatever a test has left running."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Leftovers = Callable[[Path], list[str]]


def _marked(folder: Path, process: Path) -> bool:
    """Whether a process was started for `folder`: its environment or its working directory names it."""
    try:
        named = str(folder).encode() in (process / "environ").read_bytes()
        return named or (process / "cwd").resolve().is_relative_to(folder)
    except OSError:
        return False


def _running_for(folder: Path) -> list[str]:
    own = str(os.getpid())
    numbers = (path for path in Path("/proc").iterdir() if path.name.isdecimal() and path.name != own)
    return [(path / "cmdline").read_bytes().replace(b"\0", b" ").decode() for path in numbers if _marked(folder, path)]


@pytest.fixture
def leftovers() -> Leftovers:
    """Command lines of the processes that were started for a folder and still run, after a moment to end."""
    if not Path("/proc/self/environ").exists():
        pytest.skip("needs /proc, to see which processes a test has left")

    def still_running(folder: Path) -> list[str]:
        until = time.monotonic() + 5
        while (found := _running_for(folder)) and time.monotonic() < until:
            time.sleep(0.1)
        return found

    return still_running
