"""Programs that run beside this one, each in a process group of its own, so that all of it can be stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from types import FrameType

from schemas.errors import BoxscoreError

GRACE_S = 10.0
"""How long a group may take to end after SIGTERM before it is killed."""

LASTS_S = 60.0
"""A program that ends sooner after it was started again is not started once more."""

_MARK = "BOXSCORE_STARTED_BY"
"""Variable that tells what a program has started, in turn, from everything else."""

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
        self._mark = f"{os.getpid()}-{token_hex(8)}"
        self._arguments, self._environment, self._secrets = arguments, {**environment, _MARK: self._mark}, secrets
        self._revived_s = -LASTS_S
        log.parent.mkdir(parents=True, exist_ok=True)
        self.process = self._started("wb")

    def _started(self, mode: str) -> subprocess.Popen[bytes]:
        """In a group of its own, which keeps the Ctrl-C of a terminal from it: who started it stops it, in order."""
        with self.log.open(mode) as said:
            return subprocess.Popen(
                [sys.executable, "-m", *self._arguments],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

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
        """End all it has started: asked first, killed after the time of grace. Nothing happens when it has ended.

        What it started in groups of their own is told by a mark in its environment, where the system shows that.
        """
        others = [number for number in _marked(self._mark) if _group_of(number) != self.process.pid]
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE_S)
        for number in others:
            _send(os.kill, number, signal.SIGTERM)
        self._await_all(2.0)
        self._signal(signal.SIGKILL)
        for number in _marked(self._mark):
            _send(os.kill, number, signal.SIGKILL)
        self.process.wait()

    def _await_all(self, seconds: float) -> None:
        """Children may outlive the leader by a moment; a group that only holds the dead is not waited for longer."""
        until = time.monotonic() + seconds
        while (self._signal(0) or _marked(self._mark)) and time.monotonic() < until:
            time.sleep(0.05)

    def _signal(self, number: int) -> bool:
        return _send(os.killpg, self.process.pid, number)


def _send(kill: Callable[[int, int], None], process: int, number: int) -> bool:
    """Whether there was somebody to hear the signal."""
    try:
        kill(process, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _group_of(process: int) -> int:
    """The group of a process; 0 where it is gone."""
    try:
        return os.getpgid(process)
    except ProcessLookupError:
        return 0


def _marked(mark: str) -> list[int]:
    """Living processes whose environment holds the mark; none where the system has no /proc."""
    word, found = f"{_MARK}={mark}".encode(), []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if word in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


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
