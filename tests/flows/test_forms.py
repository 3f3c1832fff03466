"""The forms: what the schema offers is what the registries hold."""

from typing import Any

import pytest
from prefect.flows import Flow
from prefect.utilities.schema_tools.validation import validate

from flows.evaluate import evaluate
from flows.import_ground_truth import import_ground_truth
from flows.import_predictions import import_predictions
from flows.reanalyze import reanalyze
from schemas.parameters import EvaluateParameters, FormatName
from tasks.formats import FORMATS
from tasks.protocols import PROTOCOLS

FLOWS: list[Flow[..., Any]] = [evaluate, import_ground_truth, import_predictions, reanalyze]
GIVEN = {"project": "p", "name": "a", "ground_truth": "gt.json", "predictions": "dt.json"}


def schema_of(flow: Flow[..., Any]) -> dict[str, Any]:
    """What the server is told of a flow's parameters."""
    return flow.parameters.model_dump_for_openapi()


def fields_of(flow: Flow[..., Any]) -> dict[str, Any]:
    """The fields of a form, by name."""
    schema = schema_of(flow)
    model = schema["properties"]["parameters"]["$ref"].rpartition("/")[2]
    return schema["definitions"][model]["properties"]


def refused(given: dict[str, Any]) -> list[str]:
    """Where the server refuses what is sent to `evaluate`."""
    return [error.json_path for error in validate({"parameters": {**GIVEN, **given}}, schema_of(evaluate))]


def test_every_format_has_a_word() -> None:
    """The words that the command line takes are the registry's, and `auto`."""
    assert set(FormatName) == {*FORMATS, "auto"}


@pytest.mark.parametrize("flow", [evaluate, import_predictions, reanalyze], ids=lambda flow: flow.name)
def test_every_protocol_can_be_chosen(flow: Flow[..., Any]) -> None:
    """The drop-down is the registry, and `all`."""
    assert fields_of(flow)["protocols"]["items"]["enum"] == ["all", *PROTOCOLS]


def test_a_format_is_offered_where_it_can_be_read() -> None:
    """Parquet holds predictions only; recognising is always offered, first."""
    assert "parquet" in fields_of(import_predictions)["format"]["enum"]
    assert "parquet" not in fields_of(import_ground_truth)["format"]["enum"]
    assert "parquet" not in fields_of(evaluate)["format"]["enum"]
    assert {fields_of(flow)["format"]["enum"][0] for flow in FLOWS[:3]} == {"auto"}


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_every_field_has_a_title_help_and_a_place(flow: Flow[..., Any]) -> None:
    """Also those of sections; and none offers `None` as a type, but for drop-downs."""
    for name, model in schema_of(flow)["definitions"].items():
        for field, shown in model.get("properties", {}).items():
            assert shown.get("title") or "$ref" in shown, (name, field)
            assert shown["description"], (name, field)
            assert "$ref" in str(shown) or "anyOf" not in shown, (name, field)
        places = [shown["position"] for shown in model.get("properties", {}).values()]
        assert places == list(range(len(places)))


def test_what_must_be_said_comes_first() -> None:
    """Project, set and the two files; the store at the end."""
    assert list(fields_of(evaluate))[:4] == ["project", "name", "ground_truth", "predictions"]
    assert list(fields_of(evaluate))[-1] == "store"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"project": "a/b"}, "project"),
    ({"name": ".."}, "name"),
    ({"format": "cocoo"}, "format"),
    ({"protocols": ["coco-box"]}, "protocols"),
    ({"reject_limit": 1.5}, "reject_limit"),
    ({"predictions": ""}, "predictions"),
    ({"settings": {"iou_thresholds": [0]}}, "settings.iou_thresholds"),
    ({"reading": {"smallest_component": 0}}, "reading.smallest_component"),
]


@pytest.mark.parametrize(("given", "field"), WRONG, ids=str)
def test_a_wrong_value_is_refused_at_its_field(given: dict[str, Any], field: str) -> None:
    """By the server, before there is a run."""
    (path,) = refused(given)
    assert path.startswith(f"$.parameters.{field}")


def test_what_programs_send_is_taken() -> None:
    """A model as JSON, nulls and all, and only what is required."""
    assert refused({}) == []
    assert refused(EvaluateParameters.model_validate(GIVEN).model_dump(mode="json")) == []
