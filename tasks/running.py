"""Ways to work on shards without a server: in turn, or over threads."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from schemas.records import Run

A = TypeVar("A")
B = TypeVar("B")


def serial(work: Callable[[A], B], shards: Iterable[A], /, label: str = "") -> Iterator[B]:
    """One shard after another, each when its result is asked for; implements `schemas.records.Run`."""
    return map(work, shards)


def threaded(threads: int) -> Run:
    """Work on `threads` shards at once; results come in the order of the shards.

    Shards are taken as results are asked for: at most twice as many as threads are under way or waiting. The first
    error ends the work: what is under way is finished, what waits is dropped. One thread is `serial`.
    """

    def run(work: Callable[[A], B], shards: Iterable[A], /, label: str = "") -> Iterator[B]:
        waiting: deque[Future[B]] = deque()
        remaining = iter(shards)
        with ThreadPoolExecutor(threads, thread_name_prefix=label or "shards") as pool:
            try:
                waiting.extend(pool.submit(work, shard) for shard in islice(remaining, 2 * threads))
                while waiting:
                    result = waiting.popleft().result()
                    waiting.extend(pool.submit(work, shard) for shard in islice(remaining, 1))
                    yield result
            finally:
                for future in waiting:
                    future.cancel()

    return serial if threads <= 1 else run


def usable_cores() -> int:
    """Cores that the process may use: fewer than the machine's in a container or under taskset."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def local_run() -> Run:
    """Threads of this machine, one per usable core."""
    return threaded(usable_cores())
