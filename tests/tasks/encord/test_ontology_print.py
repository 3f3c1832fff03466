"""What `print ontology` and `print data-mapping` say: all of Encord Active's documents, and all they lose."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from tasks.encord.ontology import read_ontology
from tasks.encord.ontology_print import data_mapping, ontology_document, ontology_lines
from tasks.encord.row_units import unit_records
from tasks.storage import FileSource
from tasks.unit_files import read_unit_file
from tasks.units import keyed_categories, keyed_units
from tests.coco_text import Text

Record = dict[str, Any]


def categories(document: Record) -> pa.Table:
    """The table `categories` of a project with this ontology."""
    return keyed_categories(None, read_ontology(Text(json.dumps(document))))


def sample(shared: Path) -> pa.Table:
    """The table `categories` of the sample."""
    return keyed_categories(None, read_ontology(FileSource(shared / "samples/encord/ontology.json")))


def test_the_document_holds_what_encord_active_prints(shared: Path) -> None:
    """Word for word, and in its order."""
    printed = json.loads((shared / "samples/encord/print_ontology_output.json").read_text())
    document = ontology_document(sample(shared))
    found = {name: document[name] for name in printed}
    assert json.dumps(found) == json.dumps(printed)


def hashes(value: Any) -> list[str]:
    """Every hash in the lists of a document."""
    if isinstance(value, list):
        return [name for item in value for name in hashes(item)]
    if not isinstance(value, dict):
        return []
    own = [value[key] for key in ("feature_hash", "attribute_hash", "option_hash") if key in value]
    return own + [name for item in value.values() for name in hashes(item)]


def test_the_lists_lose_nothing(shared: Path) -> None:
    """Every class, question and option of the table, nested, checklists and texts too, once."""
    table = sample(shared)
    document = ontology_document(table)
    own = [row["option_hash"] or row["attribute_hash"] or row["feature_hash"] for row in table.to_pylist()]
    assert sorted(hashes([document["all_objects"], document["all_classifications"]])) == sorted(own)
    ripe = document["all_classifications"][3]["attributes"][0]["options"][0]
    assert (ripe["name"], ripe["attributes"][0]["name"]) == ("Yes", "How ripe?")
    assert [option["value"] for option in ripe["attributes"][0]["options"]] == ["very", "slightly"]
    strawberry = document["all_objects"][6]
    assert (strawberry["shape"], strawberry["points"]) == ("skeleton", ["A", "B", "C"])


def test_of_repeated_names_the_last_is_printed_and_all_are_listed() -> None:
    """As in Encord Active, which loses the others."""
    cats = [{"name": name, "shape": "polygon", "featureNodeHash": own} for name, own in (("Cat", "a"), ("cat", "b"))]
    document = ontology_document(categories({"objects": cats}))
    assert document["objects"] == {"cat": "b"}
    assert [(item["name"], item["feature_hash"]) for item in document["all_objects"]] == [("Cat", "a"), ("cat", "b")]


def test_retired_classes_are_left_out() -> None:
    """They are of an ontology that was replaced."""
    old = categories({"objects": [{"name": "Cat", "featureNodeHash": "a"}]})
    new = read_ontology(Text('{"objects": [{"name": "Dog", "featureNodeHash": "b"}]}'))
    assert ontology_document(keyed_categories(old, new))["objects"] == {"dog": "b"}


def test_an_empty_ontology_is_empty() -> None:
    """Of every kind."""
    document = ontology_document(categories({"objects": []}))
    assert document == {"objects": {}, "classifications": {}, "all_objects": [], "all_classifications": []}
    assert ontology_lines(categories({"objects": []})) == []


def test_people_see_what_is_nested_under_what(shared: Path) -> None:
    """A line each, deeper ones below their parents."""
    lines = ontology_lines(sample(shared))
    assert len(lines) == 35
    assert [tuple(line) for line in lines[:5]] == [
        (0, "Cherry", "bounding_box", "OTk2MzM3"),
        (1, "Ripeness", "radio", "ripe0001"),
        (2, "Ripe", "option", "ripe0002"),
        (2, "Unripe", "option", "ripe0003"),
        (3, "Why?", "text", "ripe0004"),
    ]
    assert (0, "Strawberry", "skeleton of A, B, C", "MTgzMjA1") in [tuple(line) for line in lines]


def test_the_data_mapping_is_the_samples(shared: Path) -> None:
    """Every unit once, in order, a video too."""
    units = keyed_units(None, read_unit_file(FileSource(shared / "samples/encord/data_units.json")))
    expected = json.loads((shared / "samples/encord/data_mapping.json").read_text())
    assert json.dumps(data_mapping(units)) == json.dumps(expected)


def test_units_without_a_title_are_in_the_mapping() -> None:
    """With an empty name; retired units are not."""
    stated = [{"data_hash": name, "data_type": "image", "width": 1, "height": 1} for name in ("a", "b")]
    old = keyed_units(None, read_unit_file(Text(json.dumps(stated))))
    assert data_mapping(old) == {"a": "", "b": ""}
    assert data_mapping(keyed_units(old, read_unit_file(Text(json.dumps(stated[:1]))))) == {"a": ""}
    assert data_mapping(keyed_units(None, unit_records([]))) == {}
