"""`boxscore up`: a Prefect server, its deployments and a worker, until Ctrl-C."""

import os
import time
from pathlib import Path

from deployments.processes import Program, running, terminations_interrupt
from deployments.server import HOST, Server, prefect_server

HOME = Path(".prefect")
"""Prefect's folder, in the folder that `up` is started in: database, logs and settings of its own."""

PORT = 4200
"""Prefect's own; the command line's default too."""
POOL = "boxscore"
"""The work pool whose runs the worker starts, each as a process."""
REGISTER = ("deployments.register",)


def up(port: int = PORT, host: str = HOST) -> None:
    """Start a Prefect server, its deployments and a worker in this folder; return after Ctrl-C, with all of it stopped.

    Server and worker are started again where one of them ends by itself. BoxscoreError when the port is taken, a
    program cannot start, or ends again within a minute.
    """
    with terminations_interrupt():
        try:
            _serve(port, host)
        except KeyboardInterrupt:
            print("\nstopped: server and worker")


def _serve(port: int, host: str) -> None:
    with prefect_server(HOME, port, host) as server:
        print(f"starting a Prefect server on {server.url} (its home: {HOME.resolve()})", flush=True)
        if host != HOST:
            print(_warning(host), flush=True)
        server.wait()
        with running(REGISTER, server.environment, HOME / "register.log") as registration:
            registration.finish()
        worker = ["prefect", "worker", "start", "--pool", POOL, "--type", "process"]
        with running(worker, server.environment, HOME / "worker.log") as program:
            print(_started(server), flush=True)
            _watch(server, program)


def _warning(host: str) -> str:
    if "PREFECT_SERVER_API_AUTH_STRING" in os.environ:
        return f"it listens on {host}: whoever reaches it needs the name and password that you have set"
    return (
        f"it listens on {host}: WHOEVER REACHES IT CAN RUN FLOWS on the files of this machine; "
        "PREFECT_SERVER_API_AUTH_STRING=NAME:PASSWORD asks for a password"
    )


def _started(server: Server) -> str:
    return f"""running:
  server and UI   {server.url}   (log: {HOME / "server.log"})
  database        {server.database.shown}
  deployments     {server.url}/deployments
  automations     {server.url}/automations   (killed runs are marked crashed, and started again)
  worker          of the process pool `{POOL}`   (log: {HOME / "worker.log"})
Ctrl-C stops all of it."""


def _watch(server: Server, worker: Program) -> None:
    """Return never: KeyboardInterrupt ends it, or BoxscoreError when one of the two does not stay up."""
    while True:
        if server.keep():
            print("the server had ended: it has been started again", flush=True)
        if worker.keep():
            print("the worker had ended: it has been started again", flush=True)
        time.sleep(0.5)
