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

from deployments.processes import Program, running
from schemas.errors import BoxscoreError

HOST = "127.0.0.1"
START_LIMIT_S = 120.0


class Server:
    """A server that was started; `environment` is what programs need in order to speak to it."""

    def __init__(self, home: Path, port: int, program: Program) -> None:
        """`home` holds its database and log; `program` is the running server."""
        self.home = home
        self.url = url_of(port)
        self.environment = environment(home, port)
        self._program = program

    def wait(self, limit_s: float = START_LIMIT_S) -> None:
        """Return when it is healthy; BoxscoreError with the end of its log when it ends first or takes too long."""
        if not _becomes_healthy(self.environment["PREFECT_API_URL"], limit_s, self.check):
            raise self._program.failure(f"the Prefect server was not healthy after {limit_s:.0f} s")
        self.check()

    def check(self) -> None:
        """Raise BoxscoreError if it has ended by itself."""
        self._program.check()


def url_of(port: int) -> str:
    """Where the UI is; the API is under `/api`."""
    return f"http://{HOST}:{port}"


def environment(home: Path, port: int) -> dict[str, str]:
    """This process's environment, with Prefect bound to the server on `port` and to no other network."""
    own = {name: value for name, value in os.environ.items() if name not in {"PREFECT_API_KEY", "PREFECT_PROFILE"}}
    unproxied = ",".join(filter(None, [own.get("NO_PROXY", own.get("no_proxy", "")), HOST, "localhost"]))
    return own | {
        "PREFECT_HOME": str(home.resolve()),
        "PREFECT_API_URL": f"{url_of(port)}/api",
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_CLI_COLORS": "false",
        "NO_PROXY": unproxied,
        "no_proxy": unproxied,
    }


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def refuse_taken(port: int) -> None:
    """Raise BoxscoreError if somebody listens on `port`: our server could not, and theirs is not ours to use."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            hint = "another server may be running; stop it, or name another port"
            raise BoxscoreError(f"port {port} is not free ({error.strerror})", where=url_of(port), hint=hint) from error


@contextmanager
def prefect_server(home: Path, port: int | None = None) -> Iterator[Server]:
    """A starting server for the length of a `with`: call `wait` before using it. No port: a free one.

    Its SQLite database lies in `home`, unless PREFECT_SERVER_DATABASE_CONNECTION_URL names another. BoxscoreError when
    the port is taken, or `home` already serves one.
    """
    if port is None:
        port = free_port()
    refuse_taken(port)
    command = ["prefect", "server", "start", "--host", HOST, "--port", str(port)]
    with _only_one(home), running(command, environment(home, port), home / "server.log") as program:
        yield Server(home, port, program)


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
