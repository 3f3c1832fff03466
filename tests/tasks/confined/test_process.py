"""A confined process can do little, and whatever ends it becomes an error with a cause."""

import subprocess
import threading

import pytest

from schemas.errors import InputError
from tasks.confined import Confined
from tasks.confined.limits import Limits

LIMITS = Limits(memory_bytes=1 << 30, cpu_seconds=2, wall_seconds=20)


def ask(*deeds: str, limits: Limits = LIMITS) -> list[str]:
    """What a process of the test's own work answers to deeds, one after the other."""
    with Confined("tests.tasks.confined.works", limits, "file.pkl") as process:
        return [process.ask(f"{deed}\n".encode()).column("said")[0].as_py() for deed in deeds]


def test_messages_are_answered_in_turn() -> None:
    """One batch for each."""
    assert ask("echo", "echo") == ["echo", "echo"]


def test_nothing_of_the_environment_is_passed_on() -> None:
    """Neither variables nor the folder; what is there the process set itself."""
    found, folder = ask("environment", "folder")
    assert set(found.split(",")) <= {"ARROW_DEFAULT_MEMORY_POOL", "LC_CTYPE"}
    assert folder == "/"


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("fill", "needs more than 1024 MB of memory to load (RLIMIT_AS)"),
        ("open", "Too many open files"),
        ("abort", "was ended by SIGSEGV"),
        ("exit", "exit code 9"),
        ("raise", "cannot be loaded: no good"),
        ("unheard of", "cannot be loaded: 'unheard of'"),
    ],
)
def test_what_it_must_not_do_ends_it(deed: str, words: str) -> None:
    """The error names the file and what happened."""
    with pytest.raises(InputError) as caught:
        ask("echo", deed)
    assert words in caught.value.message
    assert caught.value.where == "file.pkl"


def test_files_are_not_written() -> None:
    """Not even one that has no name: either none can be made or it holds nothing."""
    with pytest.raises(InputError, match=r"File too large|Too many open files|SIGXFSZ"):
        ask("write")


def test_time_of_the_processor_is_bounded() -> None:
    """A loop without end is ended by the system."""
    with pytest.raises(InputError, match=r"ended by SIG(XCPU|KILL); it may use 2 s of CPU"):
        ask("spin")


def test_waiting_is_bounded() -> None:
    """A process that does nothing is ended too."""
    with pytest.raises(InputError, match="took more than 1 s to load a part"):
        ask("sleep", limits=Limits(1 << 30, 5, 1.0))


def test_no_process_is_left_behind() -> None:
    """Neither after an answer nor in the middle of one."""
    with Confined("tests.tasks.confined.works", LIMITS, "f") as process:
        process.ask(b"echo\n")
        under_way: subprocess.Popen[bytes] = process._process
    assert under_way.poll() is not None
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


def test_a_work_that_cannot_be_loaded_is_told() -> None:
    """With the last words of the interpreter."""
    with (
        pytest.raises(InputError, match="the process that loads it failed: ModuleNotFoundError"),
        Confined("tests.tasks.confined.nothing", LIMITS, "f") as process,
    ):
        process.ask(b"echo\n")
