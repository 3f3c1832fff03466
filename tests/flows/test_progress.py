"""How far a run is, as the server is told."""

import asyncio
from uuid import UUID, uuid4

import pytest

from flows import progress

ARTIFACT = uuid4()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The shares that a server is told, in order; it is the slower the earlier it is asked."""
    shares: list[float] = []
    pauses_s = iter([0.03, 0.02, 0.01, 0.0])

    async def make(percent: float, key: str, description: str) -> UUID:
        await asyncio.sleep(next(pauses_s))
        shares.append(percent)
        return ARTIFACT

    async def update(artifact: UUID, percent: float) -> None:
        assert artifact == ARTIFACT
        await asyncio.sleep(next(pauses_s))
        shares.append(percent)

    monkeypatch.setattr(progress, "acreate_progress_artifact", make)
    monkeypatch.setattr(progress, "aupdate_progress_artifact", update)
    monkeypatch.setattr(progress, "PAUSE_S", 0.0)
    return shares


def test_no_share_overtakes_another(told: list[float]) -> None:
    """The work waits for none of them; at its end the server has heard of all, in order."""

    async def run() -> None:
        async with progress.steps("key", "a run", 4):
            progress.step()
            progress.step(2)
            await asyncio.sleep(0)
            assert told == []

    asyncio.run(run())
    assert told == [0.0, 25.0, 75.0, 100.0]


def test_a_run_that_fails_stays_where_it_was(told: list[float]) -> None:
    """Its error is the one that is told."""

    async def run() -> None:
        async with progress.steps("key", "a run", 4):
            progress.step()
            raise ValueError("wrong file")

    with pytest.raises(ValueError, match="wrong file"):
        asyncio.run(run())
    assert told == [0.0, 25.0]


def test_steps_ahead_may_turn_out_to_be_others(told: list[float]) -> None:
    """One of two is half of it."""

    async def run() -> None:
        async with progress.steps("key", "a run", 9):
            progress.expect(2)
            progress.step()

    asyncio.run(run())
    assert told == [0.0, 50.0, 100.0]
