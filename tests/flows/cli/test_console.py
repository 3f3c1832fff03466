"""What is said for a program needs nothing that draws."""

import subprocess
import sys

from flows.cli.console import progress
from tasks.running import serial


def test_nothing_is_drawn_when_quiet() -> None:
    """The run is handed on as it is."""
    with progress(serial, quiet=True) as run:
        assert run is serial


def test_a_command_that_gives_json_imports_nothing_that_draws() -> None:
    """Only what is drawn needs it, and importing it takes as long as a small file."""
    code = "import sys, flows.cli.work, flows.cli.again; print([name for name in sys.modules if name[:4] == 'rich'])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
