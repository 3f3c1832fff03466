"""An ontology: object classes, classifications, their attributes and options, flattened without losing any."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from schemas.errors import InputError
from schemas.records import Source
from schemas.tables import CATEGORY_RECORDS
from tasks.columns import completed
from tasks.encord.fields import Record, mapping, optional_list, optional_text, text
from tasks.encord.shapes import Orders
from tasks.json_files import read_json
from tasks.refusals import Refused

_HINT = 'an ontology is {"objects": [...], "classifications": [...]}, as the ontology\'s structure says it'


@dataclass(slots=True)
class Flattener:
    """Rows of CATEGORY_RECORDS as they are found, a parent before its children."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    _seen: set[tuple[Any, ...]] = field(default_factory=set)

    def add(self, kind: str, parent: int | None, feature_hash: str, **columns: Any) -> int:
        """Append a row; its number. Refused where the same hashes were there before."""
        row = {"kind": kind, "parent_row": parent, "feature_hash": feature_hash, **columns}
        identity = tuple(row.get(name) for name in ("feature_hash", "attribute_hash", "option_hash"))
        if identity in self._seen:
            what = row.get("option_hash") or row.get("attribute_hash") or feature_hash
            raise InputError(f"the ontology has the hash {what!r} twice")
        self._seen.add(identity)
        self.rows.append(row)
        return len(self.rows) - 1

    def attributes(self, items: list[Any], feature_hash: str, parent: int) -> None:
        """Attributes of a class, a classification or an option, with all that is nested under them."""
        for item in items:
            attribute = mapping(item, "an attribute")
            own = text(attribute, "featureNodeHash")
            row = self.add(
                "attribute", parent, feature_hash, attribute_hash=own, name=optional_text(attribute, "name"),
                answer_type=text(attribute, "type"), dynamic=attribute.get("dynamic") is True,
            )  # fmt: skip
            for option in optional_list(attribute, "options"):
                self._option(mapping(option, "an option"), feature_hash, own, row)

    def _option(self, option: Record, feature_hash: str, attribute_hash: str, parent: int) -> None:
        row = self.add(
            "option", parent, feature_hash, attribute_hash=attribute_hash,
            option_hash=text(option, "featureNodeHash"), name=optional_text(option, "label"),
            option_value=optional_text(option, "value"),
        )  # fmt: skip
        self.attributes(optional_list(option, "options"), feature_hash, row)

    def table(self) -> pa.Table:
        """CATEGORY_RECORDS."""
        columns = {name: [row.get(name) for row in self.rows] for name in CATEGORY_RECORDS.schema.names}
        return completed(columns, CATEGORY_RECORDS.schema, len(self.rows))


def _templates(ontology: Record) -> Iterator[tuple[Record, list[Record]]]:
    """(a skeleton template, its points by their numbers)."""
    for item in optional_list(ontology, "skeleton_templates"):
        template = mapping(item, "a skeleton template")
        template = mapping(template.get("template", template), "a skeleton template")
        points = mapping(template.get("skeleton"), "skeleton")
        if not all(key.isdigit() and key.isascii() for key in points):
            raise InputError("skeleton has keys that are no numbers, allowed are those of its points")
        yield template, [mapping(points[key], "a point") for key in sorted(points, key=int)]


def _points_of(template: tuple[Record, list[Record]] | None) -> list[str] | None:
    return [optional_text(point, "name") or "" for point in template[1]] if template else None


def _template_of(item: Record, ontology: Record) -> tuple[Record, list[Record]] | None:
    """The template of a skeleton class: that of its hash, else that of its name."""
    if item.get("shape") != "skeleton":
        return None
    templates = list(_templates(ontology))
    by_hash = {template.get("feature_node_hash"): (template, points) for template, points in templates}
    by_name = {template.get("name"): (template, points) for template, points in templates}
    return by_hash.get(item.get("featureNodeHash")) or by_name.get(item.get("name"))


def _flattened(ontology: Record) -> Flattener:
    rows = Flattener()
    for value in optional_list(ontology, "objects"):
        item = mapping(value, "an object")
        own = text(item, "featureNodeHash")
        points = _points_of(_template_of(item, ontology))
        shape = optional_text(item, "shape")
        row = rows.add("object", None, own, name=text(item, "name"), shape=shape, keypoint_names=points)
        rows.attributes(optional_list(item, "attributes"), own, row)
    for value in optional_list(ontology, "classifications"):
        item = mapping(value, "a classification")
        own = text(item, "featureNodeHash")
        attributes = optional_list(item, "attributes")
        name = optional_text(mapping(attributes[0], "an attribute"), "name") if attributes else None
        rows.attributes(attributes, own, rows.add("classification", None, own, name=name))
    return rows


def _read(source: Source) -> Record:
    ontology = read_json(source, "an ontology")
    if not isinstance(ontology, Mapping) or not {"objects", "classifications"} & set(ontology):
        raise InputError("no ontology", where=source.name, hint=_HINT)
    return ontology


def read_ontology(source: Source) -> pa.Table:
    """CATEGORY_RECORDS of an `ontology.json`, in its order. InputError where it is none.

    A classification has the name of its first question, which is all it is called.
    """
    try:
        return _flattened(_read(source)).table()
    except Refused as refused:
        raise InputError(refused.text, where=source.name, hint=_HINT) from refused
    except InputError as error:
        raise InputError(error.message, where=error.where or source.name, hint=error.hint) from error


def point_orders(categories: pa.Table) -> Orders:
    """Names of the points of each skeleton class, in the order of its template, of CATEGORY_RECORDS or `categories`."""
    named = zip(categories["feature_hash"].to_pylist(), categories["keypoint_names"].to_pylist(), strict=True)
    return {feature_hash: points for feature_hash, points in named if points}
