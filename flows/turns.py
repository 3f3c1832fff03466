"""How a flow works on a project beside others: in its turn, again where an obstacle may pass, and not for ever."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar

import anyio
from prefect import Flow, State
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.client.schemas.objects import FlowRun
from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError, concurrency
from prefect.context import FlowRunContext, SyncClientContext
from prefect.exceptions import ObjectAlreadyExists
from prefect.logging import get_run_logger

from flows.client import frugal_subflows
from flows.meanwhile import all_sent
from flows.running import aside
from schemas.errors import BoxscoreError, PassingError
from schemas.parameters import StoreParameters
from tasks.storage import Store

LIMIT_S = 12 * 3600
"""How long a run may take, its turn awaited included; what is longer hangs."""

PAUSES_S = (5.0, 30.0, 120.0)
"""Between tries of what may pass: a busy store, a network that is away for a moment."""

LEASE_S = 60
"""A run that is killed gives its turn back so long after it was last heard of: the least that Prefect allows."""

MOST_CRASHES = 3
"""In a row: what kills its process every time (memory) is not tried for ever."""

P = TypeVar("P", bound=StoreParameters)
R = TypeVar("R")


_held: ContextVar[frozenset[str]] = ContextVar("held", default=frozenset())
"""Projects whose turn this run has: its subflows need none of their own."""


def on_project(work: Callable[[P], Awaitable[R]]) -> Callable[[P], Awaitable[R]]:
    """Let a flow wait for its turn on the project, and try again, with growing pauses, what PassingError ended.

    One run at a time, unless Prefect's global concurrency limit `boxscore-PROJECT` says more; the first run makes it.
    Any other error ends the flow at once.
    """

    @wraps(work)
    async def in_turn(parameters: P) -> R:
        with SyncClientContext.get_or_create():  # for all shards of all stages: making a client takes 40 ms of CPU
            async with frugal_subflows(), all_sent():
                return await _in_turn(parameters)

    async def _in_turn(parameters: P) -> R:
        async with _turn(parameters.project):
            for pause_s in PAUSES_S:
                try:
                    return await work(parameters)
                except PassingError as error:
                    get_run_logger().warning("%s; trying again in %.0f s", error, pause_s)
                    await anyio.sleep(pause_s)
            return await work(parameters)

    return in_turn


@asynccontextmanager
async def _turn(project: str) -> AsyncIterator[None]:
    if project in _held.get():
        yield
        return
    await _refuse_after_crashes()
    async with AsyncExitStack() as turn:
        try:
            await turn.enter_async_context(_slot(project))
        except ConcurrencySlotAcquisitionError:  # as a rule it is there: asking first would be a request a run
            await _make_limit(project)
            await turn.enter_async_context(_slot(project))
        held = _held.set(_held.get() | {project})
        try:
            yield
        finally:
            _held.reset(held)


def _slot(project: str) -> AbstractAsyncContextManager[None]:
    """The project's only one, once it is free. Losing its lease does no harm: the store itself keeps two runs apart."""
    name = _limit_of(project)
    return concurrency(name, lease_duration=LEASE_S, strict=True, raise_on_lease_renewal_failure=False)


def _limit_of(project: str) -> str:
    return f"boxscore-{project}"


async def _make_limit(project: str) -> None:
    with suppress(ObjectAlreadyExists):
        async with get_client() as client:
            await client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=_limit_of(project), limit=1))


async def _refuse_after_crashes() -> None:
    """BoxscoreError where the run's last starts have all ended in a crash."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None or context.flow_run.run_count <= MOST_CRASHES:
        return
    async with get_client() as client:
        crashes = crashes_in_a_row(await client.read_flow_run_states(context.flow_run.id))
    if crashes >= MOST_CRASHES:
        hint = "the worker's log may say why (memory?); Retry in the UI after that has changed starts it once more"
        raise BoxscoreError(f"the last {crashes} starts of this run have crashed", hint=hint)


def crashes_in_a_row(states: list[State[Any]]) -> int:
    """How many crashes there are since the run last ended in another way."""
    crashes = 0
    for state in sorted(states, key=lambda state: state.timestamp):
        if state.is_crashed():
            crashes += 1
        elif state.is_final():
            crashes = 0
    return crashes


async def sweep(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """After a cancellation: remove what the run had staged, where it had no time for that; a hook of Prefect's."""
    given = flow_run.parameters.get("parameters", {})
    parameters = StoreParameters(**{name: given[name] for name in StoreParameters.model_fields if name in given})
    store = Store(parameters.store)
    if parameters.project in store.projects():
        await aside(store.project(parameters.project).recover)
