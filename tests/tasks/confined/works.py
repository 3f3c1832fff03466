"""Works for confined processes: each does what its message says, most of it what it must not."""

import os
import signal
import time
from collections.abc import Callable
from typing import IO

import pyarrow as pa

SCHEMA = pa.schema([("said", pa.string())])


def _fill() -> str:
    return str(len(bytearray(4 << 30)))


def _spin() -> str:
    while True:
        pass


def _sleep() -> str:
    time.sleep(60)
    return "woke"


def _open() -> str:
    with open("/etc/hostname", "rb") as file:
        return file.read().decode()


def _write() -> str:
    descriptor = os.memfd_create("m") if hasattr(os, "memfd_create") else os.dup(0)
    return str(os.write(descriptor, b"x"))


def _abort() -> str:
    os.kill(os.getpid(), signal.SIGSEGV)
    return "alive"


def _environment() -> str:
    return ",".join(sorted(os.environ))


def _exit() -> str:
    os._exit(9)


def _raise() -> str:
    raise ValueError("no good")


DEEDS: dict[str, Callable[[], str]] = {
    "fill": _fill, "spin": _spin, "sleep": _sleep, "open": _open, "write": _write, "abort": _abort,
    "environment": _environment, "exit": _exit, "raise": _raise, "folder": os.getcwd, "echo": lambda: "echo",
}  # fmt: skip


def prepare() -> None:
    """Load what Arrow loads late."""
    pa.array(["a"])


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer each line with what its deed says."""
    with pa.ipc.new_stream(answers, SCHEMA) as stream:
        for line in iter(requests.readline, b""):
            stream.write_batch(pa.record_batch([[DEEDS[line.decode().strip()]()]], schema=SCHEMA))
            answers.flush()
