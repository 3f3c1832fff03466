"""Ontologies, flattened: nothing lost, parents before children, equal names apart."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import InputError
from schemas.tables import CATEGORY_RECORDS
from tasks.encord.ontology import point_orders, read_ontology
from tasks.storage import FileSource
from tests.coco_text import Text

Record = dict[str, Any]


def rows(document: Any) -> list[Record]:
    """The rows of an ontology."""
    table = read_ontology(Text(json.dumps(document), "ontology.json"))
    assert table.schema.equals(CATEGORY_RECORDS.schema)
    return table.to_pylist()


def nodes(value: Any) -> list[str]:
    """The hashes of every class, attribute and option of an ontology, from its JSON."""
    if isinstance(value, list):
        return [name for item in value for name in nodes(item)]
    if not isinstance(value, dict):
        return []
    own = [value["featureNodeHash"]] if "featureNodeHash" in value else []
    return own + [name for key, item in value.items() if key != "skeleton_templates" for name in nodes(item)]


def test_no_node_of_the_sample_is_lost(shared: Path) -> None:
    """A row each, in the order of the file."""
    path = shared / "samples/encord/ontology.json"
    found = read_ontology(FileSource(path)).to_pylist()
    own = [row["option_hash"] or row["attribute_hash"] or row["feature_hash"] for row in found]
    assert own == nodes(json.loads(path.read_text()))
    assert all(row["parent_row"] is None or row["parent_row"] < k for k, row in enumerate(found))


def test_the_sample_says_what_everything_is(shared: Path) -> None:
    """Shapes, points of the skeleton, types of questions, values of options, and what is nested under what."""
    found = read_ontology(FileSource(shared / "samples/encord/ontology.json")).to_pylist()
    by_hash = {row["option_hash"] or row["attribute_hash"] or row["feature_hash"]: row for row in found}
    strawberry, unripe, why, very = (by_hash[name] for name in ("MTgzMjA1", "ripe0003", "ripe0004", "cnst2a00"))
    assert (strawberry["name"], strawberry["shape"]) == ("Strawberry", "skeleton")
    assert strawberry["keypoint_names"] == ["A", "B", "C"]
    assert (unripe["name"], unripe["option_value"], unripe["kind"]) == ("Unripe", "unripe", "option")
    assert (why["answer_type"], why["dynamic"], found[why["parent_row"]]) == ("text", False, unripe)
    assert by_hash["occl0001"]["dynamic"] is True
    chain = []
    row = very
    while row is not None:
        chain.append(row["name"])
        row = found[row["parent_row"]] if row["parent_row"] is not None else None
    assert chain == ["Very", "How ripe?", "Yes", "Is it ripe?", "Is it ripe?"]
    assert very["feature_hash"] == "cnst0000"
    assert very["attribute_hash"] == "cnst2att"


def item(name: str, own: str, **fields: Any) -> Record:
    """An object class."""
    return {"id": "1", "name": name, "shape": "bounding_box", "featureNodeHash": own, **fields}


def test_equal_names_are_kept_apart() -> None:
    """By their hashes."""
    found = rows({"objects": [item("Cat", "a"), item("Cat", "b")]})
    assert [(row["name"], row["feature_hash"]) for row in found] == [("Cat", "a"), ("Cat", "b")]


def template(name: str, own: str, *points: str) -> Record:
    """A skeleton template; its points stand in the opposite order of their numbers."""
    numbered = {str(k): {"name": point} for k, point in reversed(list(enumerate(points)))}
    return {"template": {"name": name, "feature_node_hash": own, "skeleton": numbered}}


def test_templates_belong_to_classes_by_hash_or_by_name() -> None:
    """Points are in the order of their numbers; a class without a template states none."""
    skeletons = [item(name, own, shape="skeleton") for name, own in (("Hand", "h"), ("Foot", "f"), ("Leg", "l"))]
    names = [str(k) for k in range(11)]
    found = rows({"objects": skeletons, "skeleton_templates": [template("x", "h", *names), template("Foot", "y", "T")]})
    assert [row["keypoint_names"] for row in found] == [names, ["T"], None]


def test_orders_of_points_come_from_either_table(shared: Path) -> None:
    """Classes without points have none."""
    table = read_ontology(FileSource(shared / "samples/encord/ontology.json"))
    assert point_orders(table) == {"MTgzMjA1": ["A", "B", "C"]}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "no ontology"),
        ({}, "no ontology"),
        ({"objects": {}}, "objects is an object, allowed is a list"),
        ({"objects": [3]}, "an object is 3"),
        ({"objects": [{"name": "Cat"}]}, "featureNodeHash is missing"),
        ({"objects": [{"featureNodeHash": "a"}]}, "name is missing"),
        ({"objects": [item("Cat", "a"), item("Dog", "a")]}, "the hash 'a' twice"),
        ({"classifications": [{"featureNodeHash": "c", "attributes": [{"featureNodeHash": "q"}]}]}, "type is missing"),
        ({"objects": [item("A", "a", shape="skeleton")], "skeleton_templates": [{"skeleton": {"x": {}}}]}, "numbers"),
    ],
)
def test_what_is_no_ontology_is_refused(document: Any, message: str) -> None:
    """With the file's name."""
    with pytest.raises(InputError) as refused:
        rows(document)
    assert message in str(refused.value)
    assert "ontology.json" in str(refused.value)
