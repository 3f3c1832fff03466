"""A server and workers of a test's own, and what is asked of them, over HTTP: this process has no server itself."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from deployments.server import Server

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
LIMIT_S = 400.0
"""Longest wait for anything: the machine may have other work."""


class Noted(NamedTuple):
    """A bucket that was matched to its end."""

    prediction_set: str
    bucket: int
    begun_s: float
    ended_s: float


@dataclass
class Service:
    """A healthy server with its deployments, and the workers that were started for it."""

    server: Server
    folder: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def store(self) -> Path:
        """Where the runs' tables go."""
        return self.folder / "store"

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request to the server's API; what it answers."""
        return ask(self.server.url, method, path, body)

    def start_worker(self) -> subprocess.Popen[bytes]:
        """A worker in the service's folder; its runs can import the tests."""
        environment = self.server.environment | {
            "PYTHONPATH": str(ROOT),
            "BOXSCORE_TEST_NOTES": str(self.folder / "notes.txt"),
        }
        command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "boxscore", "--type", "process"]
        with (self.folder / f"worker-{len(self.workers)}.log").open("wb") as log:
            self.workers.append(
                subprocess.Popen(
                    command, cwd=self.folder, env=environment, stdout=log, stderr=log, start_new_session=True
                )
            )
        return self.workers[-1]

    def stop_workers(self) -> None:
        """Kill every worker and all that they have started; none of them writes any more after that."""
        for worker in self.workers:
            if worker.returncode is None:  # else its number may be another's by now
                started = children(worker.pid)
                for process in [*started, worker.pid]:
                    kill(process)
                worker.wait()
                await_gone(started)

    def deployment(self, name: str) -> str:
        """Id of the deployment that is called so."""
        found = self.ask("POST", "/deployments/filter", {"deployments": {"name": {"any_": [name]}}})
        return str(found[0]["id"])

    def run(self, name: str, /, **parameters: Any) -> str:
        """Ask for a run of a deployment; its id."""
        given = {"store": str(self.store), **parameters}
        path = f"/deployments/{self.deployment(name)}/create_flow_run"
        return str(self.ask("POST", path, {"parameters": {"parameters": given}})["id"])

    def evaluate(self, project: str, name: str) -> str:
        """Ask for an evaluation of the sample's boxes as this set; the run's id."""
        files = {"ground_truth": str(SAMPLE / "ground_truth.json"), "predictions": str(SAMPLE / "boxes.json")}
        return self.run("evaluate", project=project, name=name, **files)

    def state(self, run: str) -> str:
        """Name of a run's state."""
        return str(self.ask("GET", f"/flow_runs/{run}")["state_name"])

    def states(self, run: str) -> list[dict[str, Any]]:
        """All states that a run has been in, oldest first."""
        found = self.ask("GET", f"/flow_run_states/?flow_run_id={run}")
        return sorted(found, key=lambda state: state["timestamp"])

    def await_end(self, run: str, *wanted: str) -> None:
        """Wait until a run is in one of these states, else Completed; fail when it ends in another."""
        ends = wanted or ("Completed",)
        until(lambda: self.state(run) in ends, lambda: f"{self.states(run)}\n{self.logs()}")

    def noted(self, prediction_set: str) -> list[Noted]:
        """The buckets of a set that were matched to the end, in that order."""
        path = self.folder / "notes.txt"
        lines = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
        rows = [Noted(name, int(bucket), float(begun), float(ended)) for name, bucket, begun, ended in lines]
        return [row for row in rows if row.prediction_set == prediction_set]

    def logs(self) -> str:
        """The ends of what workers and server said."""
        return "\n".join(path.read_text(errors="replace")[-3000:] for path in self.folder.rglob("*.log"))


def ask(url: str, method: str, path: str, body: Any = None) -> Any:
    """One request to a server's API; what it answers. A server that is too busy to answer is asked once more."""
    asked = urllib.request.Request(
        f"{url}/api{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for last in (False, False, True):
        try:
            with direct.open(asked, timeout=120) as answer:
                said = answer.read()
            return json.loads(said) if said else None
        except (TimeoutError, urllib.error.URLError) as error:
            if last or getattr(error, "code", 503) != 503:
                raise
            time.sleep(2)
    return None


def children(process: int) -> list[int]:
    """All that a process has started, and what that has started, in turn; none where it is gone."""
    found = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *children(child)]
    return found


def kill(process: int) -> None:
    """kill -9; nothing where it is gone."""
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return


def await_gone(killed: Sequence[int]) -> None:
    """Wait until killed processes are dead: a write that the system is at may end before that."""
    until(lambda: not any(map(_lives, killed)), lambda: f"{killed} outlive kill -9", 60)


def _lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(reached: Callable[[], bool], otherwise: Callable[[], str], limit_s: float = LIMIT_S) -> float:
    """Wait for something; the seconds it took. It fails with a text when the limit is over."""
    begun_s = time.monotonic()
    while not reached():
        assert time.monotonic() - begun_s < limit_s, otherwise()
        time.sleep(0.5)
    return time.monotonic() - begun_s


def buckets(noted: Sequence[Noted]) -> list[int]:
    """Their numbers, in order."""
    return sorted(row.bucket for row in noted)
