"""Programs beside this one: they are stopped as a group, and their logs say why they failed."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deployments.processes import Program, running, terminations_interrupt
from schemas.errors import BoxscoreError

PARENT = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; print('child', flush=True); time.sleep(600)"])
time.sleep(600)
"""
STUBBORN = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], tuple[tuple[str], dict[str, str], Path]]:
    """Arguments for `running` that make it run a source text in `tmp_path`."""
    monkeypatch.chdir(tmp_path)

    def arguments(source: str) -> tuple[tuple[str], dict[str, str], Path]:
        (tmp_path / "program.py").write_text(source)
        return ("program",), dict(os.environ), tmp_path / "logs" / "program.log"

    return arguments


def await_line(program: Program, line: str) -> None:
    """Wait until the program has said a line."""
    until = time.monotonic() + 30
    while line not in program.log.read_text():
        assert time.monotonic() < until, program.log.read_text()
        time.sleep(0.02)


Start = Callable[[str], tuple[tuple[str], dict[str, str], Path]]
Leftovers = Callable[[Path], list[str]]


def test_a_program_and_its_children_end_with_the_block(start: Start, tmp_path: Path, leftovers: Leftovers) -> None:
    """When the block ends, the program and the process that it started itself have ended."""
    arguments = start(PARENT)
    with running(*arguments) as program:
        await_line(program, "child")
        assert program.ended is None
    assert program.ended == -signal.SIGTERM
    assert [line for line in leftovers(tmp_path) if "time.sleep" in line] == []


def test_what_has_left_the_group_ends_too(start: Start, tmp_path: Path, leftovers: Leftovers) -> None:
    """A child in a session of its own, as workers start their runs, ends with the block; so does a dead parent's."""
    with running(*start(PARENT.replace('600)"])', '600)"], start_new_session=True)'))) as program:
        await_line(program, "child")
        program.process.kill()
        program.process.wait()
        assert len([line for line in leftovers(tmp_path) if "time.sleep" in line]) == 1
    assert [line for line in leftovers(tmp_path) if "time.sleep" in line] == []


def test_a_program_is_stopped_when_the_block_fails(start: Start) -> None:
    """An error inside the block stops the program and goes on."""
    with pytest.raises(ZeroDivisionError), running(*start(PARENT)) as program:
        raise ZeroDivisionError
    assert program.ended is not None


def test_a_deaf_program_is_killed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ignores SIGTERM is killed after the time of grace."""
    monkeypatch.setattr("deployments.processes.GRACE_S", 0.2)
    with running(*start(STUBBORN)) as program:
        await_line(program, "deaf")
    assert program.ended == -signal.SIGKILL


def test_a_failure_shows_the_end_of_the_log(start: Start) -> None:
    """A program that fails gives an error with its exit code, its log's name and its last words."""
    with (
        running(*start("print('first', flush=True); raise SystemExit('no room')")) as program,
        pytest.raises(BoxscoreError) as caught,
    ):
        program.finish()
    assert "exit 1" in str(caught.value)
    assert str(caught.value).endswith("no room")
    assert caught.value.where == str(program.log)


def test_one_that_ends_well_is_finished(start: Start) -> None:
    """A program that exits 0 is finished without an error, and is then known to have ended."""
    with running(*start("print('done')")) as program:
        program.finish()
        with pytest.raises(BoxscoreError, match="ended by itself"):
            program.check()


def test_an_error_keeps_secrets_to_itself(start: Start) -> None:
    """What must not be shown is starred out of the log's end."""
    arguments = start("raise SystemExit('cannot reach keeper:s3cret@db')")
    with running(*arguments, secrets=["s3cret"]) as program, pytest.raises(BoxscoreError) as caught:
        program.finish()
    assert str(caught.value).endswith("cannot reach keeper:***@db")


def test_a_program_that_ended_is_started_again_once_a_minute(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its log goes on; ending again at once is an error; all that was ever started is stopped with the block."""
    with running(*start("print('here', flush=True); raise SystemExit(3)")) as program:
        program.process.wait()
        assert program.keep() is True
        program.process.wait()
        assert program.log.read_text().splitlines() == ["here", "here"]
        with pytest.raises(BoxscoreError, match=r"ended by itself \(exit 3\), again"):
            program.keep()
        monkeypatch.setattr("deployments.processes.LASTS_S", 0)
        assert program.keep() is True


def test_a_program_that_runs_is_left_alone(start: Start) -> None:
    """Nothing is started beside it."""
    with running(*start(PARENT)) as program:
        before = program.process
        assert program.keep() is False
        assert program.process is before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_an_ending_unwinds_like_ctrl_c(number: signal.Signals) -> None:
    """Inside the block SIGTERM, SIGHUP and SIGINT raise KeyboardInterrupt; after it the former handler is back."""
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), terminations_interrupt():
        signal.raise_signal(number)
    assert signal.getsignal(number) is before


def test_an_interrupt_while_a_program_starts_loses_nothing(
    start: Start, tmp_path: Path, leftovers: Leftovers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupt in the moment of starting is raised when the program is known, and the program is stopped."""
    really_start = subprocess.Popen

    def interrupted(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        process = really_start(*arguments, **options)
        signal.raise_signal(signal.SIGINT)
        return process

    monkeypatch.setattr("deployments.processes.subprocess.Popen", interrupted)
    with pytest.raises(KeyboardInterrupt), running(*start(PARENT)):
        pytest.fail("the block must not begin")
    assert [line for line in leftovers(tmp_path) if "program" in line] == []
