"""Programs that run beside this one, each in a process group of its own, so that all of it can be stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from schemas.errors import BoxscoreError

GRACE_S = 10.0
"""How long a group may take to end after SIGTERM before it is killed."""

LASTS_S = 60.0
"""A program that ends sooner after it was started again is not started once more."""

_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Program:
    """A started program and everything it starts in turn."""

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], log: Path, secrets: Sequence[str] = ()
    ) -> None:
        """Start `python -m ARGUMENTS`; it reads nothing, and what it says goes to `log`, written anew.

        `secrets` are texts that no error repeats from the log.
        """
        self.name = " ".join(arguments[:3])
        self.log = log
        self._arguments, self._environment, self._secrets = arguments, dict(environment), secrets
        self._groups: list[int] = []
        self._revived_s = -LASTS_S
        log.parent.mkdir(parents=True, exist_ok=True)
        self.process = self._started("wb")

    def _started(self, mode: str) -> subprocess.Popen[bytes]:
        """In a group of its own, which keeps the Ctrl-C of a terminal from it: who started it stops it, in order."""
        with self.log.open(mode) as said:
            process = subprocess.Popen(
                [sys.executable, "-m", *self._arguments],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._groups.append(process.pid)
        return process

    def keep(self) -> bool:
        """Start it again if it has ended by itself; whether it had. What it had started may still be running.

        BoxscoreError if it had been started again less than a minute ago.
        """
        if self.ended is None:
            return False
        if time.monotonic() - self._revived_s < LASTS_S:
            raise self.failure(f"`{self.name}` ended by itself (exit {self.ended}), again")
        self._revived_s = time.monotonic()
        with _interrupts_held_back():
            self.process = self._started("ab")
        return True

    @property
    def ended(self) -> int | None:
        """The exit code, or None while it runs."""
        return self.process.poll()

    def failure(self, message: str, lines: int = 15) -> BoxscoreError:
        """An error with the end of its log."""
        said = "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
        for secret in self._secrets:
            said = said.replace(secret, "***")
        return BoxscoreError(f"{message}:\n{said}", where=str(self.log))

    def check(self) -> None:
        """Raise BoxscoreError if a program that should go on has ended."""
        if self.ended is not None:
            raise self.failure(f"`{self.name}` ended by itself (exit {self.ended})")

    def finish(self) -> None:
        """Wait for a program that ends by itself; BoxscoreError if it fails."""
        if self.process.wait():
            raise self.failure(f"`{self.name}` failed (exit {self.ended})")

    def stop(self) -> None:
        """End all it has started: asked first, killed after the time of grace. Nothing happens when it has ended."""
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE_S)
        self._await_group(2.0)
        self._signal(signal.SIGKILL)
        self.process.wait()

    def _await_group(self, seconds: float) -> None:
        """Children may outlive the leader by a moment; a group that only holds the dead is not waited for longer."""
        until = time.monotonic() + seconds
        while self._signal(0) and time.monotonic() < until:
            time.sleep(0.05)

    def _signal(self, number: int) -> bool:
        """Whether any of its groups was there to hear it."""
        heard = [_heard(group, number) for group in self._groups]
        return any(heard)


def _heard(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


@contextmanager
def running(
    arguments: Sequence[str], environment: Mapping[str, str], log: Path, secrets: Sequence[str] = ()
) -> Iterator[Program]:
    """A program for the length of a `with`; it is stopped however the block ends."""
    program = None
    try:
        with _interrupts_held_back():
            program = Program(arguments, environment, log, secrets)
        yield program
    finally:
        if program is not None:
            with _deaf_to_interrupts():
                program.stop()


@contextmanager
def terminations_interrupt() -> Iterator[None]:
    """Let SIGTERM and SIGHUP unwind the stack as Ctrl-C does, so that what was started is stopped.

    Ctrl-C too is set: a shell that starts this in the background has it ignored.
    """
    with _handled_by(_interrupt):
        yield


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Let an interrupt wait for the end of the block: a program that has just been started must not be lost."""
    held: list[int] = []
    with _handled_by(lambda number, frame: held.append(number)):
        yield
    if held:
        raise KeyboardInterrupt


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """A second Ctrl-C must not leave half of the programs running; stopping takes seconds at most."""
    with _handled_by(signal.SIG_IGN):
        yield


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], object] | signal.Handlers) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in _ENDINGS}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
