"""Shards as Prefect tasks: paths in, small results out, one client for all of them."""

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.context import SyncClientContext
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from schemas.errors import InputError
from schemas.records import Run
from tasks.cores import usable_cores

A = TypeVar("A")
B = TypeVar("B")

RAY_ADDRESS = "BOXSCORE_RAY_ADDRESS"
"""Environment variable with the address of a Ray cluster: `host:port`, or `ray://host:port` from outside of it."""


def as_tasks(retries: int = 0) -> Run:
    """A `Run` that submits every shard to the flow's task runner; results come in the order of the shards.

    Truth lives in the store, so nothing is cached and no result is persisted. The shared client makes a task cost two
    or three milliseconds instead of fifty.
    """

    def run(work: Callable[[A], B], shards: Iterable[A], /, label: str = "") -> Iterator[B]:
        @task(name=label or "shard", cache_policy=NO_CACHE, persist_result=False, retries=retries)
        def shard_task(shard: A) -> B:
            return work(shard)

        with SyncClientContext.get_or_create():
            futures = [shard_task.submit(shard) for shard in shards]
            for future in futures:
                yield future.result()

    return run


def shard_runner() -> TaskRunner[PrefectFuture[Any]]:
    """Where shards are worked on: the Ray cluster that BOXSCORE_RAY_ADDRESS names, else this machine.

    Here, a thread per core that the process may use: as many shards are in memory as there are cores.
    """
    address = os.environ.get(RAY_ADDRESS)
    runner: TaskRunner[Any] = _ray_runner(address) if address else ThreadPoolTaskRunner(max_workers=usable_cores())
    return runner


def _ray_runner(address: str) -> TaskRunner[Any]:
    try:
        from flows.on_ray import ClusterTaskRunner
    except ModuleNotFoundError as error:
        raise InputError("Ray is not installed", where=RAY_ADDRESS, hint="pip install 'boxscore[ray]'") from error
    return ClusterTaskRunner(address=address)


async def aside(work: Callable[..., B], *arguments: Any) -> B:
    """Run blocking work in a thread, within the flow's context, so that the flow's heart keeps beating."""
    return await asyncio.to_thread(work, *arguments)
