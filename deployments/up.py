"""`boxscore up`: a Prefect server, its deployments and a worker, until Ctrl-C."""

import time
from pathlib import Path

from deployments.processes import Program, running, terminations_interrupt
from deployments.register import POOL
from deployments.server import Server, prefect_server

HOME = Path(".prefect")
"""Prefect's folder, in the folder that `up` is started in: database, logs and settings of its own."""

PORT = 4200
"""Prefect's own; the command line's default too."""
REGISTER = ("deployments.register",)


def up(port: int = PORT) -> None:
    """Start a Prefect server, its deployments and a worker in this folder; return after Ctrl-C, with all of it stopped.

    BoxscoreError when the port is taken, a program cannot start, or one ends by itself.
    """
    with terminations_interrupt():
        try:
            _serve(port)
        except KeyboardInterrupt:
            print("\nstopped: server and worker")


def _serve(port: int) -> None:
    with prefect_server(HOME, port) as server:
        print(f"starting a Prefect server on {server.url} (its home: {HOME.resolve()})", flush=True)
        server.wait()
        with running(REGISTER, server.environment, HOME / "register.log") as registration:
            registration.finish()
        worker = ["prefect", "worker", "start", "--pool", POOL, "--type", "process"]
        with running(worker, server.environment, HOME / "worker.log") as program:
            print(_started(server), flush=True)
            _watch(server, program)


def _started(server: Server) -> str:
    return f"""running:
  server and UI   {server.url}   (log: {HOME / "server.log"})
  deployments     {server.url}/deployments
  worker          of the process pool `{POOL}`   (log: {HOME / "worker.log"})
Ctrl-C stops all of it."""


def _watch(server: Server, worker: Program) -> None:
    """Return never: KeyboardInterrupt ends it, or BoxscoreError when one of the two has ended by itself."""
    while True:
        server.check()
        worker.check()
        time.sleep(0.5)
