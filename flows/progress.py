"""How far a run is: an artifact that goes from 0 to 100, step by step, and one of the shards of a long stage."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from prefect.artifacts import (
    acreate_progress_artifact,
    aupdate_progress_artifact,
    create_progress_artifact,
    update_progress_artifact,
)

from schemas.records import Run

A = TypeVar("A")
B = TypeVar("B")

PAUSE_S = 1.0
"""Between two signs of life: each is a request. A stage that is faster than this shows none."""


@dataclass(slots=True)
class _Steps:
    sent: asyncio.Task[UUID]
    """The last that was sent, which the next waits for: 100 % must not overtake another share."""
    ahead: int
    done: int = 0
    said: float = field(default_factory=time.monotonic)

    @property
    def percent(self) -> float:
        return 100.0 * self.done / max(1, self.done + self.ahead)

    def send(self, percent: float) -> None:
        """Show this share, while the run works on."""
        self.sent = asyncio.create_task(_updated(self.sent, percent))


_STEPS: ContextVar[_Steps | None] = ContextVar("steps", default=None)


@asynccontextmanager
async def steps(key: str, of: str, ahead: int) -> AsyncIterator[None]:
    """Show how far a run is that takes `ahead` steps as far as is known; 100 % when the block ends well."""
    under_way = _Steps(asyncio.create_task(_made(key, of)), ahead)
    token = _STEPS.set(under_way)
    try:
        yield
        under_way.send(100.0)
        await under_way.sent
    finally:
        _STEPS.reset(token)
        await asyncio.wait([under_way.sent])


async def _made(key: str, of: str) -> UUID:
    artifact = await acreate_progress_artifact(0.0, key=key, description=of)
    assert isinstance(artifact, UUID), "Prefect gives the id of what it made"
    return artifact


async def _updated(before: asyncio.Task[UUID], percent: float) -> UUID:
    artifact = await before
    await aupdate_progress_artifact(artifact, percent)
    return artifact


def expect(ahead: int) -> None:
    """Say how many steps lie ahead, now that it is known; nothing where no run shows any."""
    under_way = _STEPS.get()
    if under_way is not None:
        under_way.ahead = ahead


def step(done: int = 1) -> None:
    """Some steps are done; nothing where no run shows any."""
    under_way = _STEPS.get()
    if under_way is not None:
        under_way.done += done
        under_way.ahead = max(0, under_way.ahead - done)
        if time.monotonic() - under_way.said >= PAUSE_S:
            under_way.said = time.monotonic()
            under_way.send(under_way.percent)


def showing(run: Run, of: str) -> Run:
    """`run` with an artifact of how many shards are done, once a second at most: a short stage has none."""

    def shown(work: Callable[[A], B], shards: Iterable[A], /, label: str = "") -> Iterator[B]:
        waiting = list(shards)
        artifact: Any = None
        said = time.monotonic()
        for done, result in enumerate(run(work, waiting, label=label), 1):
            if time.monotonic() - said > PAUSE_S or (artifact and done == len(waiting)):
                artifact, said = (
                    _say(artifact, 100.0 * done / len(waiting), f"{label or 'shards'}: {of}"),
                    time.monotonic(),
                )
            yield result

    return shown


def _say(artifact: Any, percent: float, of: str) -> Any:
    if artifact is None:
        return create_progress_artifact(percent, description=of, _sync=True)  # type: ignore[call-arg]  # Prefect's own
    update_progress_artifact(artifact, percent, _sync=True)  # type: ignore[call-arg]
    return artifact
