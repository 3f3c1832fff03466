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
STARTS_S = 400.0
"""Longest that a node may take on a busy machine."""
QUIET = {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0", "RAY_raylet_start_wait_time_s": f"{STARTS_S:.0f}"}
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
    with (Path(folder) / f"{options[0].strip('-')[:7]}.log").open("wb") as log:
        command = [RAY, *_COMMON, *options]
        node = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            _await_started(node, Path(log.name))
            yield
        finally:
            node.terminate()
            with suppress(subprocess.TimeoutExpired):
                node.wait(30)
            with suppress(ProcessLookupError):
                os.killpg(node.pid, signal.SIGKILL)
            node.wait()


def _await_started(node: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + STARTS_S
    while b"block forever" not in log.read_bytes():
        if node.poll() is not None or time.monotonic() > end:
            raise RuntimeError(log.read_text()[-2000:])
        time.sleep(0.2)


def _await_nodes(address: str, count: int, environment: Mapping[str, str]) -> None:
    program = (
        "import sys, time, ray\n"
        "ray.init(sys.argv[1], log_to_driver=False)\n"
        "while sum(node['Alive'] for node in ray.nodes()) < int(sys.argv[2]): time.sleep(0.2)\n"
    )
    command = [sys.executable, "-c", program, address, str(count)]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=STARTS_S)
