"""`boxscore up` and the demonstration, for real: what they start, and that nothing of it stays."""

import os
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deployments.server import free_port

ROOT = Path(__file__).resolve().parents[2]
BOXSCORE = str(Path(sysconfig.get_path("scripts")) / "boxscore")
LIMIT_S = 400
Leftovers = Callable[[Path], list[str]]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder that looks like the repository to the commands: it has the sample, and nothing else."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sample").symlink_to(ROOT / "data" / "sample")
    return tmp_path


@contextmanager
def started(place: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command in a folder, its output in `said.txt`; it is killed if a test leaves it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    with (place / "said.txt").open("wb") as said:
        process = subprocess.Popen(arguments, cwd=place, env=environment, stdout=said, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def await_text(process: subprocess.Popen[bytes], path: Path, text: str) -> None:
    """Wait until a file holds a text; fail with the file's text if the program ends first."""
    until = time.monotonic() + LIMIT_S
    while not path.exists() or text not in path.read_text():
        assert process.poll() is None, path.read_text()
        assert time.monotonic() < until, path.read_text()
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def test_up_serves_until_it_is_told_to_stop(place: Path, leftovers: Leftovers, number: int) -> None:
    """`up` says what runs; Ctrl-C and SIGTERM end server, worker and itself, with exit 0."""
    with started(place, BOXSCORE, "up", "--port", str(free_port())) as process:
        await_text(process, place / "said.txt", "Ctrl-C stops all of it")
        await_text(process, place / ".prefect" / "worker.log", "started!")
        process.send_signal(number)
        assert process.wait(LIMIT_S) == 0
    assert "stopped" in (place / "said.txt").read_text()
    assert leftovers(place) == []


def kill_server(process: subprocess.Popen[bytes]) -> None:
    """kill -9 of the server that `up` has started."""
    for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        if b"server" in Path(f"/proc/{child}/cmdline").read_bytes():
            os.killpg(int(child), signal.SIGKILL)


@pytest.mark.slow
def test_up_reports_a_server_that_does_not_stay_up(place: Path, leftovers: Leftovers) -> None:
    """A killed server is started again; killed within the minute once more, `up` stops the worker and names it."""
    with started(place, BOXSCORE, "up", "--port", str(free_port())) as process:
        await_text(process, place / "said.txt", "Ctrl-C stops all of it")
        kill_server(process)
        await_text(process, place / "said.txt", "the server had ended: it has been started again")
        kill_server(process)
        assert process.wait(LIMIT_S) == 1
    assert "deployments.prefect_cli server start" in (place / "said.txt").read_text()
    assert leftovers(place) == []


@pytest.mark.slow
def test_the_demonstration_runs_twice_and_leaves_only_its_store(place: Path, leftovers: Leftovers) -> None:
    """The demonstration prints the numbers of all three sets, says where the tables are, and can be run again."""
    for _ in range(2):
        with started(place, sys.executable, "-m", "deployments.demo") as process:
            assert process.wait(LIMIT_S) == 0, (place / "said.txt").read_text()
        said = (place / "said.txt").read_text()
        assert all(protocol in said for protocol in ("coco-bbox", "coco-segm", "coco-keypoints"))
        assert "AP50" in said
        assert "make up" in said
        assert leftovers(place) == []
    assert list((place / "data" / "store" / "sample" / "metrics").rglob("*.parquet"))


@pytest.mark.slow
def test_the_demonstration_can_be_interrupted(place: Path, leftovers: Leftovers) -> None:
    """Ctrl-C while the server starts ends the demonstration with exit 1 and leaves nothing running."""
    with started(place, sys.executable, "-m", "deployments.demo") as process:
        await_text(process, place / ".prefect" / "server.log", "")
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT_S) == 1
    assert "nothing is left running" in (place / "said.txt").read_text()
    assert leftovers(place) == []
