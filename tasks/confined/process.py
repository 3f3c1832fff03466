"""A confined process from outside: started, spoken with, watched, ended."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO

import pyarrow as pa

import tasks
from schemas.errors import InputError
from tasks.confined.child import REFUSED
from tasks.confined.limits import Limits

_BOOT = "import sys; sys.path[:] = sys.argv[4:]; from tasks.confined.child import main; main()"
_END_SECONDS = 5
_LONGEST_REPORT = 4_096


class Confined:
    """A process that answers each message with a batch of an Arrow stream. A context manager; one thread at a time."""

    def __init__(self, module: str, limits: Limits, where: str) -> None:
        """Start the process with `serve` of `module`; `where` names the file in errors."""
        self._limits, self._where = limits, where
        self._late = False
        self._stream: pa.RecordBatchStreamReader | None = None
        folders = [*(str(Path(folder).parent) for folder in tasks.__path__), *(folder for folder in sys.path if folder)]
        words = [module, str(limits.memory_bytes), str(limits.cpu_seconds), *folders]
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", "-c", _BOOT, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={},
            cwd="/",
            start_new_session=True,
        )

    def ask(self, message: bytes) -> pa.RecordBatch:
        """The answer to a message. InputError where the process refuses, or ends, or takes too long."""
        self.send(message)
        return self.receive()

    def send(self, message: bytes) -> None:
        """Send a message, whose answer must be received before the next is sent. InputError as above."""
        with self._watched():
            pipe = self._pipe(self._process.stdin)
            pipe.write(message)
            pipe.flush()

    def receive(self) -> pa.RecordBatch:
        """The answer to the message sent last. InputError as above."""
        with self._watched():
            if self._stream is None:
                self._stream = pa.ipc.open_stream(self._pipe(self._process.stdout))
            batch = self._stream.read_next_batch()
            batch.validate(full=True)
            return batch

    def __enter__(self) -> "Confined":
        """The process, ready."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            with suppress(OSError):  # what was not sent is not wanted any more
                self._pipe(pipe).close()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """End the process if the block takes too long; say why it ended, if it did."""
        watch = threading.Timer(self._limits.wall_seconds, self._kill)
        watch.start()
        try:
            yield
        except (OSError, StopIteration, pa.ArrowException) as error:
            raise self._why() from error
        finally:
            watch.cancel()

    def _kill(self) -> None:
        self._late = True
        self._process.kill()

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None, "all three are pipes"
        return pipe

    def _why(self) -> InputError:
        """What ended the process, in words."""
        try:
            code = self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._kill()
            code = self._process.wait()
        if self._late:
            return InputError(f"took more than {self._limits.wall_seconds:.0f} s to load a part", where=self._where)
        if code == REFUSED:
            return self._refusal()
        if code < 0:
            name = signal.Signals(-code).name
            cpu = f"; it may use {self._limits.cpu_seconds} s of CPU" if name in {"SIGXCPU", "SIGKILL"} else ""
            return InputError(f"the process that loads it was ended by {name}{cpu}", where=self._where)
        report = self._pipe(self._process.stderr).read(_LONGEST_REPORT).decode("utf-8", "replace").strip()
        last = report.splitlines()[-1] if report else f"exit code {code}"
        return InputError(f"the process that loads it failed: {last}", where=self._where)

    def _refusal(self) -> InputError:
        kind, message = json.loads(self._pipe(self._process.stderr).read(_LONGEST_REPORT))
        if kind == "memory":
            limit = self._limits.memory_bytes >> 20
            return InputError(f"needs more than {limit} MB of memory to load (RLIMIT_AS)", where=self._where)
        return InputError(f"cannot be loaded: {message or kind}", where=self._where)
