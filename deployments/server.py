"""A Prefect server on this machine: started, waited for, stopped.

Measured on Prefect 3.8.8: a server in a new home is healthy after 15 s (it makes its tables), later ones after 5 s; the
server that Prefect starts by itself takes longer and sometimes times out, so it is switched off here.
"""

import fcntl
import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deployments.database import Database, database, without_database
from deployments.processes import Program, running
from schemas.errors import BoxscoreError

HOST = "127.0.0.1"
START_LIMIT_S = 300.0

HEARTBEAT_S = 30
"""Between two signs of life of a run: without them a killed one would count as running for ever. Prefect's least."""

_IN_BATCHES = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
}
"""The server writes what it is told of shards and runs once a second, or in five, together: not one by one."""

_ANYWHERE = {"0.0.0.0": HOST, "::": "::1"}  # noqa: S104  (named, not listened on)


class Server:
    """A server that was started; `environment` is what programs need in order to speak to it."""

    def __init__(self, home: Path, host: str, port: int, database: Database, program: Program) -> None:
        """`home` holds its log, and its database unless it has another; `program` is the running server."""
        self.home = home
        self.url = url_of(port, host)
        self.database = database
        self.environment = environment(home, port, host)
        self._program = program

    def wait(self, limit_s: float = START_LIMIT_S) -> None:
        """Return when it is healthy; BoxscoreError with the end of its log when it ends first or takes too long."""
        if not _becomes_healthy(self.environment["PREFECT_API_URL"], limit_s, self.check):
            raise self._program.failure(f"the Prefect server was not healthy after {limit_s:.0f} s")
        self.check()

    def check(self) -> None:
        """Raise BoxscoreError if it has ended by itself."""
        self._program.check()

    def keep(self) -> bool:
        """Start it again if it has ended by itself, and wait for it; whether it had.

        What it knew is in its database. BoxscoreError if it had been started again less than a minute ago.
        """
        if not self._program.keep():
            return False
        self.wait()
        return True


def url_of(port: int, host: str = HOST) -> str:
    """Where the UI is, as seen from this machine; the API is under `/api`."""
    near = _ANYWHERE.get(host, host)
    return f"http://[{near}]:{port}" if ":" in near else f"http://{near}:{port}"


def environment(home: Path, port: int, host: str = HOST) -> dict[str, str]:
    """This process's environment, with Prefect bound to the server on `port` and to no other network.

    The address of the server's database is not in it.
    """
    own = without_database(os.environ)
    own = {name: value for name, value in own.items() if name not in {"PREFECT_API_KEY", "PREFECT_PROFILE"}}
    unproxied = ",".join(filter(None, [own.get("NO_PROXY", own.get("no_proxy", "")), HOST, "localhost"]))
    login = own.get("PREFECT_SERVER_API_AUTH_STRING")
    if login:
        own["PREFECT_API_AUTH_STRING"] = login
    return own | {
        "PREFECT_HOME": str(home.resolve()),
        "PREFECT_API_URL": f"{url_of(port, host)}/api",
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_S),
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": own.get("PREFECT_SERVER_CSRF_PROTECTION_ENABLED", "false"),
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_CLI_COLORS": "false",
        "NO_PROXY": unproxied,
        "no_proxy": unproxied,
    }


def _server_environment(home: Path, port: int, host: str, database: Database) -> dict[str, str]:
    """The same for the server itself: its database, and what it must not forget when it is killed."""
    own = _IN_BATCHES | environment(home, port, host) | dict(database.environment)
    own["PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE"] = "prefect.server.concurrency.lease_storage.filesystem"
    if host != HOST:
        own["PREFECT_SERVER_UI_API_URL"] = "/api"  # a browser elsewhere knows the server by another name
    return own


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def refuse_taken(port: int, host: str = HOST) -> None:
    """Raise BoxscoreError if somebody listens on `port`: our server could not, and theirs is not ours to use."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            hint = "another server may be running; stop it, or name another port"
            where = url_of(port, host)
            raise BoxscoreError(f"port {port} is not free ({error.strerror})", where=where, hint=hint) from error


@contextmanager
def prefect_server(home: Path, port: int | None = None, host: str = HOST) -> Iterator[Server]:
    """A starting server for the length of a `with`: call `wait` before using it. No port: a free one.

    Its SQLite database lies in `home`, unless the environment names another database. BoxscoreError when the port is
    taken, or `home` already serves one.
    """
    if port is None:
        port = free_port()
    keeps = database()
    refuse_taken(port, host)
    command = ["deployments.prefect_cli", "server", "start", "--host", host, "--port", str(port)]
    given = _server_environment(home, port, host, keeps)
    with _only_one(home), running(command, given, home / "server.log", keeps.secrets) as program:
        yield Server(home, host, port, keeps, program)


@contextmanager
def _only_one(home: Path) -> Iterator[None]:
    """Hold the home's lock; the system drops it when this process ends, however it ends."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "server.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            hint = "stop it first: Ctrl-C where `make up` or `boxscore up` runs"
            raise BoxscoreError(
                "a Prefect server of this folder is already running", where=str(home), hint=hint
            ) from error
        yield


def await_health(limit_s: float = START_LIMIT_S) -> None:
    """Return when the server that this process's environment names is healthy; BoxscoreError if it takes too long."""
    api = os.environ["PREFECT_API_URL"]
    if not _becomes_healthy(api, limit_s, lambda: None):
        raise BoxscoreError(f"the Prefect server was not healthy after {limit_s:.0f} s", where=api)


def _becomes_healthy(api: str, limit_s: float, check: Callable[[], None]) -> bool:
    until = time.monotonic() + limit_s
    while not _healthy(api):
        check()
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def _healthy(api: str) -> bool:
    """Asked past any proxy: the address is this machine's own."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{api}/health", timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
