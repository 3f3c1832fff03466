"""prefect.yaml names flows that are really there."""

from inspect import iscoroutinefunction
from typing import Any, get_type_hints

import pytest
import yaml  # type: ignore[import-untyped]  # no stubs among our packages
from prefect.flows import Flow, load_flow_from_entrypoint
from pydantic import BaseModel

from deployments.register import POOL, PREFECT_FILE

DEPLOYMENTS = yaml.safe_load(PREFECT_FILE.read_text())["deployments"]


def test_the_file_deploys_the_four_flows() -> None:
    """There is a deployment for each thing a person starts by hand."""
    assert [each["name"] for each in DEPLOYMENTS] == [
        "evaluate",
        "import-ground-truth",
        "import-predictions",
        "reanalyze",
    ]
    assert {each["work_pool"]["name"] for each in DEPLOYMENTS} == {POOL}


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda each: each["name"])
def test_an_entrypoint_is_an_async_flow_with_a_typed_form(deployment: dict[str, str]) -> None:
    """Each entrypoint loads for real (no placeholder), is async, and takes one pydantic model."""
    flow: Flow[..., Any] = load_flow_from_entrypoint(deployment["entrypoint"], use_placeholder_flow=False)
    hints = get_type_hints(flow.fn)
    hints.pop("return")
    assert iscoroutinefunction(flow.fn)
    assert list(hints) == ["parameters"]
    assert issubclass(hints["parameters"], BaseModel)
