"""The drop-downs of the forms: formats and protocols, as their folders' registries have them."""

from dataclasses import dataclass
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from schemas.parameters import FormatName
from tasks.formats import FORMATS
from tasks.protocols import PROTOCOLS


@dataclass(frozen=True)
class Choices:
    """Beside the type of a flow's parameters: offers `formats` and every protocol where the type has such a field.

    The server holds what is sent against this schema, so that nothing else gets as far as a run.
    """

    formats: tuple[str, ...] = ()

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The type's own schema, with the choices in it."""
        reference = handler(schema)
        fields: dict[str, Any] = handler.resolve_ref_schema(reference)["properties"]
        if "format" in fields and self.formats:
            rest = {key: value for key, value in fields["format"].items() if key != "$ref"}
            fields["format"] = {**rest, "type": "string", "enum": [FormatName.AUTO.value, *self.formats]}
        if "protocols" in fields:
            fields["protocols"]["items"] = {"type": "string", "enum": ["all", *PROTOCOLS]}
        return reference


OF_GROUND_TRUTH = Choices(tuple(name for name, form in FORMATS.items() if form.read_ground_truth is not None))
OF_PREDICTIONS = Choices(tuple(name for name, form in FORMATS.items() if form.read_predictions is not None))
OF_BOTH = Choices(tuple(name for name, form in FORMATS.items() if form.read_ground_truth and form.read_predictions))
OF_STORED = Choices()
