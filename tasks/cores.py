"""How much of the machine is ours; imports nothing, so that whoever begins may ask."""

import os


def usable_cores() -> int:
    """Cores that the process may use: fewer than the machine's in a container or under taskset."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
