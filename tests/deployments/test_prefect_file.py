"""prefect.yaml names flows that are really there."""

from inspect import iscoroutinefunction
from typing import Any, get_type_hints

import pytest
import yaml  # type: ignore[import-untyped]  # no stubs among our packages
from prefect.flows import Flow, load_flow_from_entrypoint
from pydantic import BaseModel

from deployments.register import PREFECT_FILE
from deployments.up import POOL

DEPLOYMENTS = yaml.safe_load(PREFECT_FILE.read_text())["deployments"]


STAGES = ["ingest", "normalize", "resolve", "match", "metrics"]


def test_the_file_deploys_every_flow() -> None:
    """There is a deployment for each module of flows that holds one, under the flow's name; stages come last."""
    modules = {each["entrypoint"].rpartition(".")[0] for each in DEPLOYMENTS}
    folder = PREFECT_FILE.parents[1] / "flows"
    assert modules == {f"flows.{path.stem}" for path in folder.glob("*.py") if "\n@flow(" in path.read_text()}
    names = [each["name"] for each in DEPLOYMENTS]
    assert names[-len(STAGES) :] == STAGES
    assert {each["work_pool"]["name"] for each in DEPLOYMENTS} == {POOL}
    assert all("boxscore" in each["tags"] for each in DEPLOYMENTS), "automations know runs by it"


def test_schedules_are_examples_that_sleep() -> None:
    """A cron and an interval are shown; each has a name to know it by, and is turned on by whoever fills it in."""
    schedules = [schedule for each in DEPLOYMENTS for schedule in each["schedules"]]
    assert {kind for schedule in schedules for kind in ("cron", "interval") if kind in schedule} == {"cron", "interval"}
    assert not any(schedule["active"] for schedule in schedules)
    assert len({schedule["slug"] for schedule in schedules}) == len(schedules)


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda each: each["name"])
def test_an_entrypoint_is_an_async_flow_with_a_typed_form(deployment: dict[str, Any]) -> None:
    """Each entrypoint loads for real (no placeholder), is async, and takes one pydantic model."""
    flow: Flow[..., Any] = load_flow_from_entrypoint(deployment["entrypoint"], use_placeholder_flow=False)
    hints = get_type_hints(flow.fn)
    hints.pop("return")
    assert iscoroutinefunction(flow.fn)
    assert list(hints) == ["parameters"]
    assert issubclass(hints["parameters"], BaseModel)
