"""`boxscore up` with PostgreSQL: it serves, what is killed is started again, and the password is nowhere to be read."""

import os
import signal
import subprocess
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deployments.server import free_port
from tests.deployments import service
from tests.deployments.postgres import ADDRESS_PASSWORD, PASSWORD, postgres
from tests.deployments.service import LIMIT_S, SAMPLE, until

pytestmark = pytest.mark.slow
BOXSCORE = str(Path(sysconfig.get_path("scripts")) / "boxscore")
Leftovers = Callable[[Path], list[str]]


def ask(port: int, method: str, path: str, body: Any = None) -> Any:
    """One request to the server's API."""
    return service.ask(f"http://127.0.0.1:{port}", method, path, body)


def group_of(process: subprocess.Popen[bytes], word: bytes) -> int:
    """The group of the program that `up` has started with this word among its arguments."""
    for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        if word in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0"):
            return int(child)
    raise AssertionError(f"nothing was started with {word!r}")


def run_of(port: int, name: str, parameters: dict[str, Any]) -> str:
    """Ask for a run of a deployment; its id."""
    (found,) = ask(port, "POST", "/deployments/filter", {"deployments": {"name": {"any_": [name]}}})
    return str(ask(port, "POST", f"/deployments/{found['id']}/create_flow_run", {"parameters": parameters})["id"])


def test_up_serves_from_postgresql_and_keeps_what_it_started(tmp_path: Path, leftovers: Leftovers) -> None:
    """A run completes on it; a killed server knows it afterwards; a killed worker is followed by another that works."""
    port, said = free_port(), tmp_path / "said.txt"
    given = {"parameters": {"project": "p", "ground_truth": str(SAMPLE / "ground_truth.json"), "store": str(tmp_path)}}
    own = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    with postgres() as address, said.open("wb") as output:
        process = subprocess.Popen(
            [BOXSCORE, "up", "--port", str(port)],
            cwd=tmp_path,
            env=own | {"BOXSCORE_DATABASE": address, "PYTHONUNBUFFERED": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            until(lambda: "Ctrl-C stops" in said.read_text(), said.read_text)
            first = run_of(port, "import-ground-truth", given)
            until(lambda: ask(port, "GET", f"/flow_runs/{first}")["state_name"] == "Completed", said.read_text)
            os.killpg(group_of(process, b"server"), signal.SIGKILL)
            until(lambda: "the server had ended: it has been started again" in said.read_text(), said.read_text)
            assert ask(port, "GET", f"/flow_runs/{first}")["state_name"] == "Completed"
            os.killpg(group_of(process, b"worker"), signal.SIGKILL)
            until(lambda: "the worker had ended: it has been started again" in said.read_text(), said.read_text)
            second = run_of(port, "import-ground-truth", given)
            until(lambda: ask(port, "GET", f"/flow_runs/{second}")["state_name"] == "Completed", said.read_text)
            process.send_signal(signal.SIGINT)
            assert process.wait(LIMIT_S) == 0
        finally:
            process.kill()
            process.wait()
    assert "database        PostgreSQL postgres at 127.0.0.1:" in said.read_text()
    assert not (tmp_path / ".prefect" / "prefect.db").exists()
    texts = [said, *(path for path in (tmp_path / ".prefect").rglob("*") if path.is_file())]
    assert len(texts) > 3
    for path in texts:
        content = path.read_bytes()
        assert PASSWORD.encode() not in content, path
        assert ADDRESS_PASSWORD.encode() not in content, path
    assert leftovers(tmp_path) == []


def test_a_database_that_does_not_answer_ends_up_without_its_password(tmp_path: Path, leftovers: Leftovers) -> None:
    """The end of the server's log is shown, and the address is not."""
    address = f"postgresql://keeper:{ADDRESS_PASSWORD}@127.0.0.1:{free_port()}/runs"
    own = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    done = subprocess.run(
        [BOXSCORE, "up", "--port", str(free_port())],
        cwd=tmp_path,
        env=own | {"BOXSCORE_DATABASE": address},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 1
    assert "deployments.prefect_cli server start" in done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert ADDRESS_PASSWORD not in done.stdout + done.stderr
    assert leftovers(tmp_path) == []
