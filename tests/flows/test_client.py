"""What the client of subflows asks the server, and what it knows."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterParentTaskRunId
from prefect.client.schemas.responses import SetStateStatus
from prefect.states import Completed, Pending, Running

from flows import client as module
from flows.client import FrugalClient, name_of
from flows.import_ground_truth import import_ground_truth
from flows.match import match
from schemas.stage_parameters import MatchParameters

FLOW, RUN = uuid4(), uuid4()
PARAMETERS = {"parameters": {"folder": "staging/x", "of": "coco-bbox: a on p"}}
Asked = list[tuple[str, str, Any]]


def server(asked: Asked) -> httpx.MockTransport:
    """A server that knows one flow and one run, and notes what it is asked."""

    def answer(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        asked.append((request.method, request.url.path, body))
        now = datetime.now(UTC).isoformat()
        if request.url.path == "/api/csrf-token":
            return httpx.Response(422, text="CSRF protection is disabled.")
        if request.url.path == "/api/flows/":
            return httpx.Response(200, json={"id": str(FLOW), "name": body["name"], "created": now, "updated": now})
        if request.url.path == "/api/flow_runs/filter":
            return httpx.Response(200, json=[])
        if request.url.path.endswith("/set_state"):
            return httpx.Response(
                200, json={"state": body["state"], "status": "ACCEPT", "details": {"type": "accept_details"}}
            )
        made = request.method == "POST"
        name, state = (body["name"], body.get("state")) if made else ("as the server has it", None)
        run = {"id": str(RUN), "flow_id": str(FLOW), "name": name, "run_count": 7, "state": state}
        return httpx.Response(200, json=run)

    return httpx.MockTransport(answer)


def _begun(times: int) -> Any:
    """The context of a flow run that has begun so often."""
    run = SimpleNamespace(run_count=times, id=RUN, flow_id=FLOW)
    return SimpleNamespace(flow_run=run, flow=match)


def asking(work: Callable[[FrugalClient], Awaitable[Any]]) -> Asked:
    """What is asked while some work is done with a frugal client."""
    asked: Asked = []

    async def run() -> None:
        settings = {"transport": server(asked), "base_url": "http://server/api"}
        async with PrefectClient("http://server/api", httpx_settings=settings) as open_one:
            await work(FrugalClient(open_one))

    asyncio.run(run())
    return [(method, path.removeprefix("/api"), body) for method, path, body in asked if "csrf" not in path]


def test_a_run_is_made_under_its_name() -> None:
    """One request has it, where Prefect makes a run of some name and gives it another; later names are sent."""

    async def work(client: FrugalClient) -> None:
        run = await client.create_flow_run(match, parameters=PARAMETERS)
        await client.set_flow_run_name(run.id, "match coco-bbox: a on p")
        await client.set_flow_run_name(run.id, "otherwise")

    asked = asking(work)
    assert [(method, (body or {}).get("name")) for method, _, body in asked[1:]] == [
        ("POST", "match coco-bbox: a on p"),
        ("PATCH", "otherwise"),
    ]


def test_a_flow_is_looked_up_once() -> None:
    """Its id is the same for the next run."""

    async def work(client: FrugalClient) -> None:
        for _ in range(2):
            assert (await client.create_flow_run(match, parameters=PARAMETERS)).flow_id == FLOW

    assert [path for _, path, _ in asking(work)] == ["/flows/", "/flow_runs/", "/flow_runs/"]


def test_a_subflow_is_made_as_one_that_runs() -> None:
    """One request begins it; what it comes to is sent, and so is the beginning of any other run."""

    async def work(client: FrugalClient) -> None:
        run = await client.create_flow_run(match, parameters=PARAMETERS, parent_task_run_id=uuid4(), state=Pending())
        began = await client.set_flow_run_state(run.id, Running())
        assert (began.status, began.state) == (SetStateStatus.ACCEPT, run.state)
        for state in (Running(), Completed()):
            await client.set_flow_run_state(run.id, state)
        await client.create_flow_run(match, parameters=PARAMETERS, state=Pending())

    sent = [body["state"]["type"] for _, path, body in asking(work) if path != "/flows/"]
    assert sent == ["RUNNING", "RUNNING", "COMPLETED", "PENDING"]


def test_a_run_is_read_where_it_may_have_changed() -> None:
    """A subflow is as it was made when it has just begun; from then on, and any other run, as the server has it."""

    async def work(client: FrugalClient) -> None:
        run = await client.create_flow_run(match, parameters=PARAMETERS, parent_task_run_id=uuid4())
        first, second = [await client.read_flow_run(run.id) for _ in range(2)]
        assert (first.run_count, first.name) == (1, "match coco-bbox: a on p")
        assert (second.run_count, second.name) == (7, "as the server has it")
        await client.create_flow_run(match, parameters=PARAMETERS)
        assert (await client.read_flow_run(run.id)).run_count == 7

    assert [method for method, _, _ in asking(work)] == ["POST", "POST", "GET", "POST", "GET"]


@pytest.mark.parametrize(("starts", "requests"), [(1, 0), (2, 1), (None, 1)])
def test_earlier_runs_are_looked_for_when_there_may_be_any(
    monkeypatch: pytest.MonkeyPatch, starts: int | None, requests: int
) -> None:
    """A flow that was started again after a crash finds the subflows that it had begun."""
    context = None if starts is None else _begun(starts)
    monkeypatch.setattr(module.FlowRunContext, "get", lambda: context)
    of_task = FlowRunFilter(parent_task_run_id=FlowRunFilterParentTaskRunId(any_=[UUID(int=1)]))

    async def work(client: FrugalClient) -> None:
        assert await client.read_flow_runs(flow_run_filter=of_task) == []

    assert len(asking(work)) == requests


def test_other_runs_are_always_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only those of a subflow's own task are known not to be there."""
    monkeypatch.setattr(module.FlowRunContext, "get", lambda: _begun(1))

    async def work(client: FrugalClient) -> None:
        await client.read_flow_runs()

    assert len(asking(work)) == 1


def test_names_are_those_of_the_templates() -> None:
    """Of parameters as they are, or as they are sent; flows that take turns have their own types still."""
    asked = MatchParameters.model_validate(PARAMETERS["parameters"])
    assert name_of(match, {"parameters": asked}) == name_of(match, PARAMETERS) == "match coco-bbox: a on p"
    given = {"project": "street", "ground_truth": "truth.json"}
    assert name_of(import_ground_truth, {"parameters": given}) == "import ground truth of street"
    assert name_of(match.with_options(flow_run_name=lambda: "made up"), PARAMETERS) is None


def test_without_a_client_there_is_nothing_to_share() -> None:
    """A flow's body that is called by itself does its work."""

    async def run() -> bool:
        async with module.frugal_subflows():
            return module.AsyncClientContext.get() is None

    assert asyncio.run(run())
