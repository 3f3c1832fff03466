"""A Ray cluster of two nodes on this machine, for tests: started on free loopback ports, stopped at the end."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

RAY = Path(sys.executable).with_name("ray")
STARTS_S = 180.0
"""Longest that connecting may take on a busy machine."""
TRIES = 5
QUIET = {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}
_COMMON = ("start", "--block", "--node-ip-address=127.0.0.1", "--num-cpus=1", "--object-store-memory=100000000")


@contextmanager
def ray_cluster() -> Iterator[dict[str, str]]:
    """Two nodes with a core each; the environment for whoever connects to them."""
    environment = {**os.environ, **QUIET}
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:  # sockets need short paths
        port = free_port()
        address = f"127.0.0.1:{port}"
        head = ("--head", f"--port={port}", f"--temp-dir={folder}", "--include-dashboard=false")
        with _node(head, folder, environment), _node((f"--address={address}",), folder, environment):
            _await_nodes(address, 2, environment)
            yield {**QUIET, "BOXSCORE_RAY_ADDRESS": address}


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def _node(options: tuple[str, ...], folder: str, environment: Mapping[str, str]) -> Iterator[None]:
    """A node in a session of its own: all its processes are stopped with it."""
    log = Path(folder) / f"{options[0].strip('-')[:7]}.log"
    node = _started(options, log, environment)
    try:
        yield
    finally:
        _stop(node)


def _started(options: tuple[str, ...], log: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """A node that is up; tried again where a busy machine kept its agents from answering in time."""
    for _ in range(TRIES):
        with log.open("wb") as lines:
            command = [RAY, *_COMMON, *options]
            node = subprocess.Popen(command, env=environment, stdout=lines, stderr=lines, start_new_session=True)
        while node.poll() is None:
            if b"block forever" in log.read_bytes():
                return node
            time.sleep(0.2)
        _stop(node)
    raise RuntimeError(log.read_text()[-2000:])


def _stop(node: subprocess.Popen[bytes]) -> None:
    node.terminate()
    with suppress(subprocess.TimeoutExpired):
        node.wait(30)
    with suppress(ProcessLookupError):
        os.killpg(node.pid, signal.SIGKILL)
    node.wait()


def _await_nodes(address: str, count: int, environment: Mapping[str, str]) -> None:
    program = (
        "import sys, time, ray\n"
        "ray.init(sys.argv[1], log_to_driver=False)\n"
        "while sum(node['Alive'] for node in ray.nodes()) < int(sys.argv[2]): time.sleep(0.2)\n"
    )
    command = [sys.executable, "-c", program, address, str(count)]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=STARTS_S)
