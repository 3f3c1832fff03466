"""What Prefect costs: the chain on the sample as flows on a started server, and without one, by turns.

    .venv/bin/python benchmarks/overhead.py [ROUNDS]

Where the machine is busy every request takes longer, to and from the server: so a yardstick is measured between, a flow
of four empty subflows, and what Prefect costs is told in such units too. The chain of the sample's boxes has five
subflows, artifacts, and its turn on the project. On an idle machine of two cores the yardstick took 0.43 s: there, what
is allowed is 4.7 of them. What does not depend on the machine at all are the requests that the server is sent.

Counted is what one evaluation takes, from its parameters to the published tables, in a process that has begun
already: both ways have run once before, so that kernels are loaded. Not counted are the start of the server (10 s) and
the import of Prefect (2 s), which a worker's process pays once a run.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

import httpx

from deployments.sample import sample_parameters
from deployments.server import prefect_server
from schemas.parameters import EvaluateParameters
from tasks.both_sides import import_both
from tasks.evaluation import evaluate_set
from tasks.running import local_run
from tasks.storage import Store

ALLOWED_S = 2.0
"""What the chain under Prefect may cost more than without a server."""


class Turn(NamedTuple):
    """Wall and CPU seconds of one evaluation, and its requests to the server."""

    wall_s: float
    cpu_s: float
    requests: float


REQUESTS: list[str] = []
"""Paths that this process has asked a server for."""


def note_requests() -> None:
    """Note every request of this process from now on, whichever of Prefect's clients sends it."""
    send_async, send = httpx.AsyncHTTPTransport.handle_async_request, httpx.HTTPTransport.handle_request

    async def noted_async(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        REQUESTS.append(request.url.path)
        return await send_async(self, request)

    def noted(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        REQUESTS.append(request.url.path)
        return send(self, request)

    httpx.AsyncHTTPTransport.handle_async_request = noted_async  # type: ignore[method-assign]
    httpx.HTTPTransport.handle_request = noted  # type: ignore[method-assign]


def without_server(parameters: EvaluateParameters) -> None:
    """As the command line works."""
    run = local_run()
    import_both(parameters, run)
    project = Store(parameters.store).project(parameters.project)
    evaluate_set(project, parameters.name, parameters.protocols, parameters.settings, run)


def clocked(work: Callable[[], None]) -> Turn:
    """What some work takes."""
    start, before, requests = time.perf_counter(), time.process_time(), len(REQUESTS)
    work()
    return Turn(time.perf_counter() - start, time.process_time() - before, len(REQUESTS) - requests)


def timed(work: Callable[[EvaluateParameters], None], which: int) -> Turn:
    """One evaluation of a set of the sample into a store of its own."""
    with tempfile.TemporaryDirectory() as store:
        parameters = sample_parameters(Path(store))[which]
        return clocked(lambda: work(parameters))


def as_flows(parameters: EvaluateParameters) -> None:
    """As a worker's process does."""
    from flows.evaluate import evaluate  # reads the server's address when Prefect is imported

    async def run() -> None:
        await evaluate(parameters)

    asyncio.run(run())


def four_subflows() -> None:
    """The yardstick: a flow of four empty ones, one after another."""
    from prefect import flow

    @flow
    async def child() -> None:
        return

    @flow
    async def parent() -> None:
        for _ in range(4):
            await child()

    asyncio.run(parent())


def middle(turns: Sequence[Turn]) -> Turn:
    """Medians."""
    return Turn(*(median(turn[k] for turn in turns) for k in range(3)))


def compare(rounds: int) -> None:
    """Let both ways and the yardstick take turns on each set, and print medians and what Prefect adds."""
    note_requests()
    four_subflows()
    heads = " ".join(f"{head:>20}" for head in ("without", "as flows", "more", "four subflows"))
    print(f"{'set':10} {heads}   wall, CPU seconds, requests")
    for which, parameters in enumerate(sample_parameters(Path())):
        for work in (without_server, as_flows):
            timed(work, which)
        turns = [(timed(without_server, which), timed(as_flows, which), clocked(four_subflows)) for _ in range(rounds)]
        plain, flows, yardstick = map(middle, zip(*turns, strict=True))
        more = Turn(*(flows[k] - plain[k] for k in range(3)))
        told = " ".join("{:8.2f}{:7.2f}{:5.0f}".format(*turn) for turn in (plain, flows, more, yardstick))
        verdict = f"{'at most' if more.wall_s <= ALLOWED_S else 'MORE THAN'} {ALLOWED_S:g} s"
        units = more.wall_s / yardstick.wall_s
        print(f"{parameters.name:10}  {told}   {verdict}; {units:.1f} times the four subflows")


def main() -> int:
    """Compare in a process that knows the server from its start; its exit code."""
    if "PREFECT_API_URL" in os.environ and sys.argv[-1] == "--here":
        compare(int(sys.argv[1]))
        return 0
    rounds = sys.argv[1] if len(sys.argv) > 1 else "5"
    with tempfile.TemporaryDirectory() as home, prefect_server(Path(home)) as server:
        server.wait()
        quiet = server.environment | {"PREFECT_LOGGING_LEVEL": "WARNING"}
        return subprocess.run([sys.executable, __file__, rounds, "--here"], env=quiet, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
