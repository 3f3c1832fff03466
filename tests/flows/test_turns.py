"""What may pass is tried again, anything else is not, and crashes in a row are counted."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prefect.client.schemas.objects import State, StateType

from flows import turns
from schemas.errors import BoxscoreError, InputError, PassingError, StoreError
from schemas.parameters import StoreParameters

PARAMETERS = StoreParameters(store=Path("store"), project="street")


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that are made, which take no time; turns are free, and no server is asked."""
    made: list[float] = []

    async def sleep(seconds: float) -> None:
        made.append(seconds)

    @asynccontextmanager
    async def free(project: str) -> AsyncIterator[None]:
        yield

    monkeypatch.setattr(turns.anyio, "sleep", sleep)
    monkeypatch.setattr(turns, "_turn", free)
    monkeypatch.setattr(turns.SyncClientContext, "get_or_create", nullcontext)
    monkeypatch.setattr(turns, "get_run_logger", lambda: logging.getLogger("test"))
    return made


def tries(errors: list[BoxscoreError]) -> int:
    """How often work is done that ends in these errors one after another, then well; the last error goes on."""
    done = 0

    @turns.on_project
    async def work(parameters: StoreParameters) -> None:
        nonlocal done
        done += 1
        if errors:
            raise errors.pop(0)

    try:
        asyncio.run(work(PARAMETERS))  # type: ignore[arg-type]  # a coroutine, as work is one
    except BoxscoreError:
        return -done
    return done


def test_what_may_pass_is_tried_again_with_growing_pauses(waits: list[float]) -> None:
    """Twice in the way, the third try ends well."""
    assert tries([PassingError("busy"), PassingError("busy")]) == 3
    assert waits == sorted(waits) != []


def test_what_does_not_pass_ends_the_run_at_last(waits: list[float]) -> None:
    """After the last pause there is one more try, whose error is the run's."""
    assert tries([PassingError("busy")] * 9) == -(len(turns.PAUSES_S) + 1)


@pytest.mark.parametrize("error", [InputError("wrong"), StoreError("full"), BoxscoreError("no")])
def test_nothing_else_is_tried_again(waits: list[float], error: BoxscoreError) -> None:
    """Wrong input is as wrong the second time."""
    assert tries([error]) == -1
    assert waits == []


@pytest.mark.parametrize(
    ("ends", "crashes"),
    [
        ("", 0),
        ("CRASHED", 1),
        ("CRASHED RUNNING CRASHED RUNNING", 2),
        ("CRASHED CRASHED FAILED RUNNING", 0),
        ("FAILED RUNNING CRASHED RUNNING CRASHED RUNNING CRASHED RUNNING", 3),
    ],
)
def test_crashes_count_since_the_run_ended_otherwise(ends: str, crashes: int) -> None:
    """In the order of time, whatever the order they come in."""
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    states = [
        State(type=StateType[word], timestamp=begun + timedelta(seconds=place))
        for place, word in enumerate(ends.split())
    ]
    assert turns.crashes_in_a_row(states[::-1]) == crashes
