"""The confined process itself: loads its work, binds itself, then answers what comes in. Never imported by others."""

import importlib
import json
import os
import sys

from tasks.confined.limits import confine
from tasks.without import without

REFUSED = 3
"""Exit code that says: the error stream is why, as JSON."""
_LONGEST_REASON = 1_000


def main() -> None:
    """Serve with the module named by the first argument, within the bounds of the second and third."""
    module, memory_bytes, cpu_seconds = sys.argv[1:4]
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"  # Arrow's own pool maps a gigabyte before it is needed
    with without("pandas"):  # Arrow would load it for its own sake: half a second
        _serve(module, int(memory_bytes), int(cpu_seconds))


def _serve(module: str, memory_bytes: int, cpu_seconds: int) -> None:
    work = importlib.import_module(module)
    work.prepare()
    confine(memory_bytes, cpu_seconds)
    try:
        work.serve(sys.stdin.buffer, sys.stdout.buffer)
    except MemoryError:
        _refuse("memory", "")
    except Exception as error:  # whatever the bytes made it raise is told, in the words of the one who reads it
        _refuse(type(error).__name__, str(error))


def _refuse(kind: str, message: str) -> None:
    sys.stderr.write(json.dumps([kind, message[:_LONGEST_REASON]]))
    sys.stderr.flush()
    os._exit(REFUSED)  # at a proper end Arrow would try to finish its stream
