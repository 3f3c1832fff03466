"""Classes gathered from label rows, for a project without an ontology: what the rows themselves name."""

from collections.abc import Iterator, Mapping
from itertools import chain, product
from typing import Any, NamedTuple

import pyarrow as pa

from tasks.encord.answers import choices
from tasks.encord.fields import Record, mapping, optional_list, optional_mapping, optional_text, text
from tasks.encord.ontology import Flattener
from tasks.encord.row_frames import Frame, data_type, frames_of, units_of
from tasks.encord.row_json import Row
from tasks.encord.shapes import read_geometry
from tasks.refusals import Refused, check_fit


class Named(NamedTuple):
    """An object class, a classification, an attribute of one of them, or an option, as a row names it."""

    kind: str
    feature_hash: str
    attribute_hash: str | None = None
    option_hash: str | None = None
    name: str | None = None
    value: str | None = None
    shape: str | None = None
    answer_type: str | None = None
    dynamic: bool | None = None
    keypoint_names: tuple[str, ...] | None = None


def _items(row: Row) -> Iterator[tuple[Record, str]]:
    """(object or classification entry of a frame, which of the two), of those that can be told apart."""
    kind = data_type(row.value)
    frames = chain.from_iterable(frames_of(kind, name, unit) for name, unit in units_of(row.value).items())
    labels = [frame.labels for frame in frames if isinstance(frame, Frame)]
    for of_frame, key in product(labels, ("objects", "classifications")):
        items = of_frame.get(key)
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict) and isinstance(item.get("featureHash"), str):
                yield item, key


def _object_class(item: Record, clean: bool) -> Named | None:
    """The class of an object, unless the object is refused."""
    try:
        check_fit(None if clean else item)
        shape, _, value = read_geometry(item, {})
    except Refused:
        return None
    points = tuple(name or "" for name in value.names) if shape == "skeleton" else None
    name = optional_text(item, "name") if isinstance(item.get("name"), str) else None
    return Named("object", item["featureHash"], name=name, shape=shape, keypoint_names=points)


def _object_classes(row: Row, owners: dict[str, str]) -> Iterator[Named]:
    """The classes of a row's objects; `owners` gets the class of each object and of each entry of a classification.

    Of objects that look the same, the first that is taken speaks for all.
    """
    known: set[tuple[str, ...]] = set()
    for item, key in _items(row):
        own = item.get("objectHash" if key == "objects" else "classificationHash")
        owners.setdefault(str(own), item["featureHash"])
        looks = tuple(str(item.get(name)) for name in ("featureHash", "shape", "name"))
        if key == "objects" and looks not in known:
            named = _object_class(item, row.clean)
            if named:
                known.add(looks)
                yield named


def _answer_classes(question: Any, owner: str, dynamic: bool, clean: bool) -> Iterator[Named]:
    """The attribute of an answered question, and the options that were chosen."""
    given = choices(question)
    check_fit(None if clean else [owner, question])
    attribute, options = text(question, "featureHash"), question["answers"]
    kind = "checklist" if len(given) > 1 else "radio"
    kind = kind if isinstance(options, list) else "text"
    yield Named("attribute", owner, attribute, name=optional_text(question, "name"), answer_type=kind, dynamic=dynamic)
    for option in options if isinstance(options, list) else ():
        words = (optional_text(option, "name"), optional_text(option, "value"))
        yield Named("option", owner, attribute, text(option, "featureHash"), *words)


def _answered(row: Record, owners: Mapping[str, str]) -> Iterator[tuple[str, str, Any, bool]]:
    """(kind of owner, its hash, an answered question, whether it is dynamic)."""
    parts = (
        ("classification_answers", "classifications", "classification", False),
        ("object_answers", "classifications", "object", False),
        ("object_actions", "actions", "object", True),
    )
    for part, key, kind, dynamic in parts:
        for name, answer in optional_mapping(row, part).items():
            answer = mapping(answer, part)
            owner = optional_text(answer, "featureHash") or owners.get(name)
            for question in optional_list(answer, key) if owner else ():
                yield kind, str(owner), question, dynamic


def classes_of_row(row: Row) -> list[Named]:
    """What a row names, in its order; damaged parts name nothing, since they are refused where they are read."""
    found: dict[Named, None] = {}
    owners: dict[str, str] = {}
    try:
        found |= dict.fromkeys(_object_classes(row, owners))
        for kind, owner, question, dynamic in _answered(row.value, owners):
            try:
                below = list(_answer_classes(question, owner, dynamic, row.clean))
            except Refused:
                continue
            if kind == "classification":
                found.setdefault(Named(kind, owner, name=below[0].name))
            found |= dict.fromkeys(below)
    except Refused:
        return list(found)
    return list(found)


def gathered(named: dict[Named, None]) -> pa.Table:
    """CATEGORY_RECORDS of all that rows name: objects, then classifications, with their attributes and options.

    A class of several shapes states none. An attribute with several options ticked at once is a checklist. Rows do not
    say what is nested under what.
    """
    rows = Flattener()
    for kind in ("object", "classification"):
        for feature_hash, of_class in _by(named, "feature_hash").items():
            heads = [item for item in of_class if item.kind == kind]
            if not heads:
                continue
            # the SDK writes what is nested before the question it is nested under, which names the classification
            head, shapes = heads[-1 if kind == "classification" else 0], {item.shape for item in heads}
            points = next((list(item.keypoint_names) for item in heads if item.keypoint_names), None)
            shape = head.shape if len(shapes) == 1 else None
            parent = rows.add(kind, None, feature_hash, name=head.name, shape=shape, keypoint_names=points)
            _add_attributes(rows, [item for item in of_class if item.attribute_hash], parent)
    return rows.table()


def _add_attributes(rows: Flattener, named: list[Named], parent: int) -> None:
    for attribute, items in _by(dict.fromkeys(named), "attribute_hash").items():
        kinds = {item.answer_type for item in items if item.kind == "attribute"}
        own = rows.add(
            "attribute", parent, items[0].feature_hash, attribute_hash=attribute, name=items[0].name,
            answer_type=next(kind for kind in ("checklist", "text", "radio") if kind in kinds),
            dynamic=any(item.dynamic for item in items),
        )  # fmt: skip
        for option, same in _by(dict.fromkeys(items), "option_hash").items():
            words = {"name": same[0].name, "option_value": same[0].value}
            rows.add("option", own, same[0].feature_hash, attribute_hash=attribute, option_hash=option, **words)


def _by(named: dict[Named, None], column: str) -> dict[str, list[Named]]:
    """Those that have something in `column`, by what they have there, in order."""
    groups: dict[str, list[Named]] = {}
    for item in named:
        if getattr(item, column) is not None:
            groups.setdefault(getattr(item, column), []).append(item)
    return groups
