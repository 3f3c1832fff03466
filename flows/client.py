"""Prefect's client for the subflows of a run: it does not ask the server for what it has just told it.

Of the eight requests that Prefect makes for a subflow three remain. Each takes some 15 ms of a core, of the server's
for the most part: without the others the chain on the sample is a second faster where the machine is busy.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, get_type_hints
from uuid import UUID

import httpx
from prefect import Flow, State
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import OrchestrationResult, SetStateStatus, StateAcceptDetails
from prefect.context import AsyncClientContext, FlowRunContext, SettingsContext, get_settings_context
from prefect.states import Running
from pydantic import TypeAdapter


@asynccontextmanager
async def frugal_subflows() -> AsyncIterator[None]:
    """Let the flow's subflows share a frugal client, and leave it to the flow to say that the process lives."""
    outer = AsyncClientContext.get()
    if outer is None or isinstance(outer.client, FrugalClient):
        yield
        return
    async with AsyncClientContext.model_construct(client=FrugalClient(outer.client)):
        with _no_heartbeats():
            yield


def _no_heartbeats() -> SettingsContext:
    """Prefect's settings but for the heartbeats of flows. (Its own `temporary_settings` takes 50 ms.)"""
    context = get_settings_context()
    flows = context.settings.flows.model_copy(update={"heartbeat_frequency": None})
    return SettingsContext(profile=context.profile, settings=context.settings.model_copy(update={"flows": flows}))


class FrugalClient(PrefectClient):
    """Speaks over the connection of another client, and leaves that open.

    What it does not ask for: the id of a flow that it has asked for before; a subflow's earlier run, where the flow is
    at its first start; a name for a run that it has made under that name; whether a subflow may begin that it has made
    as one that runs; a run that it has just made.
    """

    def __init__(self, other: PrefectClient) -> None:
        """`other` is open, and stays so for longer than this one."""
        vars(self).update(vars(other))
        self._flows: dict[str, httpx.Response] = {}
        self._names: dict[UUID, str] = {}
        self._begun: dict[UUID, State[Any]] = {}
        self._started_now: dict[UUID, FlowRun] = {}

    async def request(self, method: Any, path: Any, *arguments: Any, **named: Any) -> httpx.Response:
        """As it is asked, but for the id of a flow, which never changes."""
        if (method, path) != ("POST", "/flows/"):
            return await super().request(method, path, *arguments, **named)
        name = named["json"]["name"]
        if name not in self._flows:
            self._flows[name] = await super().request(method, path, *arguments, **named)
        return self._flows[name]

    async def create_flow_run(  # type: ignore[override]  # by name, as Prefect's engine does
        self, flow: Flow[..., Any], name: str | None = None, **named: Any
    ) -> FlowRun:
        """Make a run that is called from its beginning as the flow's template says; a subflow's, as one that runs.

        Nothing but its parent limits a subflow, and that runs already.
        """
        if named.get("parent_task_run_id") is not None:
            named["state"] = Running()
        run = await super().create_flow_run(flow, name or name_of(flow, named.get("parameters") or {}), **named)
        self._names[run.id] = run.name
        if run.state is not None and run.state.is_running():
            self._begun[run.id] = run.state
            self._started_now[run.id] = run
        return run

    async def set_flow_run_state(
        self, flow_run_id: UUID | str, state: State[Any], force: bool = False
    ) -> OrchestrationResult[Any]:
        """Set a state, unless the run was made in it."""
        begun = self._begun.pop(UUID(str(flow_run_id)), None)
        if begun is not None and state.is_running():
            return OrchestrationResult(state=begun, status=SetStateStatus.ACCEPT, details=StateAcceptDetails())
        return await super().set_flow_run_state(flow_run_id, state, force)

    async def set_flow_run_name(self, flow_run_id: UUID, name: str) -> httpx.Response:
        """Call a run so, unless it is."""
        if self._names.get(flow_run_id) == name:
            return httpx.Response(204)
        return await super().set_flow_run_name(flow_run_id, name)

    async def read_flow_runs(self, *, flow_run_filter: FlowRunFilter | None = None, **named: Any) -> list[FlowRun]:
        """The runs there are; none that an earlier start of the flow could have begun, where there was no such."""
        if flow_run_filter is not None and flow_run_filter.parent_task_run_id is not None and _at_first_start():
            return []
        return await super().read_flow_runs(flow_run_filter=flow_run_filter, **named)

    async def read_flow_run(self, flow_run_id: UUID) -> FlowRun:
        """A run; when it is first asked for after it was made, it is as it was made, and has begun once."""
        made = self._started_now.pop(flow_run_id, None)
        if made is not None:
            return made.model_copy(update={"run_count": 1})
        return await super().read_flow_run(flow_run_id)


def name_of(flow: Flow[..., Any], parameters: Mapping[str, Any]) -> str | None:
    """What a flow's template calls a run with these parameters, which are as they are sent; None without a template."""
    template = flow.flow_run_name
    if not isinstance(template, str):
        return None
    types = get_type_hints(flow.fn)
    read = {key: TypeAdapter(types[key]).validate_python(value) for key, value in parameters.items()}
    return template.format(**read)


def _at_first_start() -> bool:
    context = FlowRunContext.get()
    return context is not None and context.flow_run is not None and context.flow_run.run_count <= 1
