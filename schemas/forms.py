"""How parameters look as a form of Prefect's UI: in which order, and what may be left empty."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from schemas.names import NAME_PATTERN, checked_path, is_name

ORDER = (
    "project", "name", "inbox", "pattern", "ground_truth", "predictions", "format", "sets", "groups", "protocols",
    "evaluate", "quality", "replace", "add", "force", "group", "ontology", "data_units", "class_mapping", "mapping",
    "image_mapping", "reading", "settings", "reject_limit", "store",
)  # fmt: skip
"""Fields from the top of a form to its end: what must be said, what is often said, then the rest. Others come last."""


def as_form(schema: dict[str, Any]) -> None:
    """Order a model's fields, and let those that may be null be plain inputs that may be left empty.

    Beside a text box the UIs would offer `None` as a type to choose. Prefect takes null for every field that is neither
    required nor has a default, so nothing that was valid is refused. The positions are for databases that do not keep
    the order of keys.
    """
    fields = schema.get("properties", {})
    ranks = {name: rank for rank, name in enumerate(ORDER)}
    names = sorted(fields, key=lambda name: ranks.get(name, len(ORDER)))
    schema["properties"] = {
        name: {**_without_null(fields[name]), "position": position} for position, name in enumerate(names)
    }


def _without_null(field: Mapping[str, Any]) -> dict[str, Any]:
    kinds = [kind for kind in field.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) != 1 or field.get("default", 0) is not None or "type" not in kinds[0]:
        return dict(field)
    return {**kinds[0], **{key: value for key, value in field.items() if key not in {"anyOf", "default"}}}


class Form(BaseModel):
    """Parameters that a form asks for: unknown ones are refused. What checks them is built once some are there."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=as_form, defer_build=True)


def checked_name(name: str) -> str:
    """The name, if it may stand in a path; else ValueError saying what is allowed."""
    if not is_name(name):
        raise ValueError(f"{name!r} is not a name: use 1 to 100 of A-Z a-z 0-9 . _ - (not . or ..)")
    return name


def _said(path: Any) -> Any:
    """A path that is not empty: pathlib takes the empty text for the folder one is in."""
    if path == "":
        raise ValueError("no path is given")
    return path


def _none_if_empty(items: Any) -> Any:
    """A list whose items were all taken out again in the form says no more than one never begun."""
    return None if items == [] else items


Name = Annotated[
    str,
    AfterValidator(checked_name),
    Field(json_schema_extra={"pattern": rf"^(?!\.{{1,2}}$){NAME_PATTERN}$"}),
]
Place = Annotated[Path, BeforeValidator(_said), AfterValidator(checked_path), Field(json_schema_extra={"minLength": 1})]
"""A file, directory or glob."""
Share = Annotated[float, Field(ge=0.0, le=1.0)]
OrAsItIs = BeforeValidator(_none_if_empty)
"""Of a list or None: the empty list is None."""
