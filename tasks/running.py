"""Ways to work on shards without a server: in turn, or over threads."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

from schemas.records import Run
from tasks.cores import usable_cores

A = TypeVar("A")
B = TypeVar("B")


class _Sides:
    """Things that are done at once, each on a thread of its own; when one is over, the others may use its cores."""

    def __init__(self) -> None:
        self.under_way = 0
        """Those that wait for a thread are among them."""
        self._one_at_a_time = threading.Lock()

    def submit(self, pool: ThreadPoolExecutor, work: Callable[[A], B], items: Sequence[A]) -> list[Future[B]]:
        """Have some more done; each knows of all of them."""
        self._count(len(items))
        return [pool.submit(self._one, work, item) for item in items]

    def _one(self, work: Callable[[A], B], item: A) -> B:
        _OF_THREAD.sides = self
        try:
            return work(item)
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._one_at_a_time:
            self.under_way += more


_OF_THREAD = threading.local()
"""`sides`: those of which this thread does one."""


def serial(work: Callable[[A], B], shards: Iterable[A], /, label: str = "") -> Iterator[B]:
    """One shard after another, each when its result is asked for; implements `schemas.records.Run`."""
    return map(work, shards)


def threaded(threads: int) -> Run:
    """Work on `threads` shards at once; results come in the order of the shards.

    Shards are taken as results are asked for: at most twice as many as threads are under way or waiting. The first
    error ends the work: what is under way is finished, what waits is dropped. One thread is `serial`, and so is a share
    of them that comes to one, as long as it does: what the last shard does by threads has those of the others.
    """

    def run(work: Callable[[A], B], shards: Iterable[A], /, label: str = "") -> Iterator[B]:
        remaining = iter(shards)
        while (own := _share(threads)) <= 1:  # until the others are over: their threads are free then
            one = list(islice(remaining, 1))
            if not one:
                return
            yield work(one.pop())
        sides, waiting = _Sides(), deque[Future[B]]()
        with ThreadPoolExecutor(own, thread_name_prefix=label or "shards") as pool:
            try:
                for shard in islice(remaining, 2 * own):
                    waiting += sides.submit(pool, work, [shard])
                while waiting:
                    result = waiting.popleft().result()
                    waiting += sides.submit(pool, work, list(islice(remaining, 1)))
                    yield result
            finally:
                for future in waiting:
                    future.cancel()

    return run


def at_once(work: Callable[[A], B], items: Sequence[A]) -> list[B]:
    """Do a few things over the threads of this machine, a long one while the others are done; results in their order.

    `local_run` takes the next one only when the result of an earlier one is asked for: what is done there may be large.
    """
    own = _share(usable_cores())
    if own <= 1 or len(items) <= 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(own) as pool:
        return list(pool.map(work, items))


def local_run() -> Run:
    """Threads of this machine, one per usable core."""
    return threaded(usable_cores())


def side_by_side(work: Callable[[A, threading.Event], B], items: Sequence[A]) -> list[B]:
    """Do different things at once, each on a thread of its own with its share of the cores; results in their order.

    When one is over, the others have its share. After the first error, also one that comes from outside, the event is
    set: who sees it may stop half-way.
    """
    if not items:
        return []
    stop, sides = threading.Event(), _Sides()

    def one(item: A) -> B:
        return work(item, stop)

    with ThreadPoolExecutor(len(items)) as pool:
        under_way = sides.submit(pool, one, items)
        try:
            wait(under_way, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
    return [done.result() for done in under_way]


def _share(threads: int) -> int:
    """How many of them this thread may use; 0 where there are fewer than sides."""
    sides: _Sides | None = getattr(_OF_THREAD, "sides", None)
    return threads if sides is None else threads // sides.under_way
