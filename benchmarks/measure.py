"""What a command costs: wall and CPU seconds and peak memory of its whole process tree."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Cost:
    """One run of a command, or the medians of several."""

    wall_s: float
    cpu_s: float
    """User and system seconds of the process and of all children that it waited for."""
    peak_mb: float
    """Largest resident set of the process, or of one of its children, 10^6 bytes."""


class CommandFailedError(Exception):
    """A measured command failed or took too long; the message has the end of what it said."""


def measured(command: Sequence[str], environment: Mapping[str, str], limit_s: float = 900) -> tuple[Cost, Any]:
    """Run a command to its end; (cost, the JSON document it printed). CommandFailedError otherwise.

    What earlier ones wrote is flushed first: half a minute later the system would do it during another's run.
    """
    os.sync()
    kept = {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}  # as most have it
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(command, env=kept, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        status, usage = _wait(process, start + limit_s)
        wall_s = time.perf_counter() - start
        if status:
            err.seek(0)
            said = err.read().decode(errors="replace")[-1000:]
            raise CommandFailedError(f"{' '.join(command)}: exit {status} after {wall_s:.0f} s\n{said}")
        out.seek(0)
        cost = Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6)
        return cost, json.load(out)


def cpu_seconds(work: Callable[[], object]) -> float:
    """What some work takes of this process."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _wait(process: subprocess.Popen[bytes], until: float) -> tuple[int, Any]:
    """(exit code, resource usage); a process that is still there at `until` is killed."""
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, usage
        if time.perf_counter() > until:
            process.kill()
        time.sleep(0.005)


def medians(costs: Sequence[Cost]) -> Cost:
    """Each figure's median by itself."""
    return Cost(
        median(cost.wall_s for cost in costs), median(cost.cpu_s for cost in costs), median(c.peak_mb for c in costs)
    )
