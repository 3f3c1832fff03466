"""The Prefect server of a folder: bound to this machine, one at a time, gone when its block ends."""

import json
import socket
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from deployments.processes import running
from deployments.server import HOST, environment, free_port, prefect_server, refuse_taken, url_of
from deployments.up import REGISTER
from schemas.errors import BoxscoreError

ROOT = Path(__file__).resolve().parents[2]
Leftovers = Callable[[Path], list[str]]


def test_the_environment_is_for_a_closed_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefect gets its own home and server, sends no analytics, and asks no proxy for this machine's addresses."""
    monkeypatch.setenv("PREFECT_API_KEY", "somebody's")
    monkeypatch.setenv("NO_PROXY", "example.org")
    made = environment(tmp_path, 4999)
    assert made["PREFECT_HOME"] == str(tmp_path)
    assert made["PREFECT_API_URL"] == "http://127.0.0.1:4999/api"
    assert made["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert made["DO_NOT_TRACK"] == "1"
    assert made["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"] == "30"
    assert made["NO_PROXY"] == "example.org,127.0.0.1,localhost"
    assert "PREFECT_API_KEY" not in made


def test_who_asks_the_server_knows_its_password_and_not_its_databases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password for the server is passed on to workers and runs; the address of its database is kept from them."""
    monkeypatch.setenv("PREFECT_SERVER_API_AUTH_STRING", "name:word")
    monkeypatch.setenv("BOXSCORE_DATABASE", "postgresql://keeper:s3cret@db/runs")
    made = environment(tmp_path, 4999)
    assert made["PREFECT_API_AUTH_STRING"] == "name:word"
    assert not any("s3cret" in value for value in made.values())


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:1"), ("0.0.0.0", "http://127.0.0.1:1"), ("::", "http://[::1]:1")],
)
def test_a_server_for_all_networks_is_asked_by_this_one(host: str, url: str) -> None:
    """It listens on this machine's own address unless told otherwise, and that is where it is asked in any case."""
    assert url_of(1, host) == url
    assert url_of(1) == "http://127.0.0.1:1"


def test_a_taken_port_is_refused_by_name() -> None:
    """Where somebody listens already, the error names the address and says what to do."""
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(BoxscoreError, match=f"port {port} is not free") as caught:
            refuse_taken(port)
    assert caught.value.hint is not None
    refuse_taken(free_port())


def test_a_folder_has_one_server(tmp_path: Path) -> None:
    """A second server on the same home is refused while the first one is there, and not after."""
    with prefect_server(tmp_path), pytest.raises(BoxscoreError, match="already running"), prefect_server(tmp_path):
        pass
    with prefect_server(tmp_path):
        pass


@pytest.mark.slow
def test_a_server_that_cannot_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that ends by itself raises an error with its log's last lines, without waiting for the limit."""
    monkeypatch.setenv("PREFECT_SERVER_DATABASE_CONNECTION_URL", "sqlite:////nosuchfolder/runs.db")
    with prefect_server(tmp_path) as server, pytest.raises(BoxscoreError, match="ended by itself") as caught:
        server.wait()
    assert "unable to open database file" in str(caught.value)


def _listed(url: str) -> dict[str, dict[str, object]]:
    asked = urllib.request.Request(
        f"{url}/api/deployments/filter", data=b"{}", headers={"Content-Type": "application/json"}
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked) as answer:
        return {row["name"]: row for row in json.load(answer)}


@pytest.mark.slow
def test_a_real_server_takes_the_deployments_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, leftovers: Leftovers
) -> None:
    """A started server knows the deployments with their typed parameters, and nothing runs after the block."""
    monkeypatch.chdir(tmp_path)
    with prefect_server(tmp_path / "home") as server:
        server.wait()
        for _ in range(2):
            with running(REGISTER, server.environment, tmp_path / "register.log") as registration:
                registration.finish()
        found = _listed(server.url)
    assert {"evaluate", "evaluate-inbox", "import-ground-truth", "import-predictions", "reanalyze"} < set(found)
    assert {row["work_pool_name"] for row in found.values()} == {"boxscore"}
    assert "EvaluateParameters" in json.dumps(found["evaluate"]["parameter_openapi_schema"])
    assert leftovers(tmp_path / "home") == []
