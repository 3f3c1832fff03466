"""What is sent meanwhile is sent in any case, and holds nothing up."""

import asyncio
from contextlib import suppress

import pytest

from flows.meanwhile import all_sent, meanwhile


async def _send(sent: list[str], what: str, fails: bool = False) -> None:
    await asyncio.sleep(0)
    sent.append(what)
    if fails:
        raise ConnectionError(what)


def test_work_goes_on_while_something_is_sent() -> None:
    """The block's own work comes first; at its end all is sent."""

    async def run() -> list[str]:
        sent = list[str]()
        async with all_sent():
            await meanwhile(_send(sent, "a report"))
            sent.append("work")
        return sent

    assert asyncio.run(run()) == ["work", "a report"]


def test_without_anybody_to_wait_it_is_sent_at_once() -> None:
    """A report outside of a run is there when the call returns."""

    async def run() -> list[str]:
        sent = list[str]()
        await meanwhile(_send(sent, "a report"))
        return [*sent, "work"]

    assert asyncio.run(run()) == ["a report", "work"]


def test_what_cannot_be_sent_fails_the_run() -> None:
    """As it would if it were waited for."""

    async def run() -> None:
        async with all_sent():
            await meanwhile(_send([], "a report", fails=True))

    with pytest.raises(ConnectionError, match="a report"):
        asyncio.run(run())


def test_an_error_of_the_work_is_the_one_that_is_told() -> None:
    """What was to be sent is sent all the same, and its own failure hides nothing."""
    sent = list[str]()

    async def run() -> None:
        async with all_sent():
            await meanwhile(_send(sent, "a report", fails=True))
            raise ValueError("wrong file")

    with pytest.raises(ValueError, match="wrong file"):
        asyncio.run(run())
    assert sent == ["a report"]


def test_what_comes_after_the_block_waits_again() -> None:
    """Also after a block that has failed."""

    async def run() -> list[str]:
        sent = list[str]()
        with suppress(ValueError):
            async with all_sent():
                raise ValueError
        await meanwhile(_send(sent, "a report"))
        return sent

    assert asyncio.run(run()) == ["a report"]
