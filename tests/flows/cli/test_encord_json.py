"""Encord's label rows through the command line: in whole, and as `print` shows them."""

import json
from pathlib import Path

import pytest

from tests.encord_rows import answered, image, question, thing, unit
from tests.flows.cli.conftest import Cli


@pytest.fixture
def encord(shared: Path, cli: Cli, empty_store: Path) -> Path:
    """The folder of Encord's samples; their labels are the project `fruit`."""
    folder = shared / "samples/encord"
    files = ("--ontology", folder / "ontology.json", "--data-units", folder / "data_units.json")
    said = cli("import", "ground-truth", folder / "labels.json", "--project", "fruit", *files)
    assert said.code == 0, said.err
    return folder


def test_predictions_name_their_set_by_the_branch(cli: Cli, encord: Path) -> None:
    """125 objects and 19 answers, nothing rejected."""
    said = cli("import", "predictions", encord / "predictions.json", "--project", "fruit", "--no-evaluate")
    assert said.code == 0, said.err
    facts = cli("show", "my-model_v1.0", "--project", "fruit", "--json").json
    assert (facts["format"], facts["records"], facts["predictions"], facts["rejected"]) == ("encord-json", 144, 125, 0)


def test_the_ontology_is_printed_as_encord_active_prints_it(cli: Cli, encord: Path) -> None:
    """And all that it loses beside that."""
    document = cli("print", "ontology", "--project", "fruit", "--json").json
    printed = json.loads((encord / "print_ontology_output.json").read_text())
    assert {name: document[name] for name in printed} == printed
    assert [item["name"] for item in document["all_classifications"]] == [
        "What type of fruit?", "Many types of fruit?", "Notes", "Is it ripe?",
    ]  # fmt: skip
    shown = cli("print", "ontology", "--project", "fruit").out
    assert all(name in shown for name in ("cnst2b00", "How ripe?", "checklist", "skeleton"))


def test_the_data_mapping_is_printed_whole(cli: Cli, encord: Path) -> None:
    """Twelve units, a video of 500 frames among them once."""
    assert cli("print", "data-mapping", "--project", "fruit", "--json").json == json.loads(
        (encord / "data_mapping.json").read_text()
    )


def test_coco_results_come_in_by_mappings(cli: Cli, encord: Path) -> None:
    """All 21."""
    folder = encord / "coco"
    mappings = ("--mapping", folder / "ontology_mapping.json", "--image-mapping", folder / "image_mapping.json")
    options = ("--project", "fruit", "--name", "coco", "--no-evaluate", *mappings)
    assert cli("import", "predictions", folder / "results.json", *options).code == 0
    facts = cli("show", "coco", "--project", "fruit", "--json").json
    assert (facts["predictions"], facts["rejected"]) == (21, 0)


def test_a_row_that_is_cut_off_is_told_by_its_byte(cli: Cli, empty_store: Path, tmp_path: Path) -> None:
    """And nothing of the file is taken."""
    path = tmp_path / "labels.json"
    path.write_text(json.dumps([image(thing()), image(thing())])[:-20])
    said = cli("import", "ground-truth", path, "--project", "fruit", "--format", "encord-json")
    assert said.code == 2
    assert f"byte {path.stat().st_size}: the file is cut off inside a label row" in " ".join(said.err.split())
    assert cli("list", "--json").json == {"projects": []}


def test_answers_of_another_question_are_rejected(cli: Cli, encord: Path, tmp_path: Path) -> None:
    """An option of another attribute, an attribute of another classification, and a class that is not there."""
    group = "c23b8191-be66-5a34-ae1e-a7caaa1e08ae"
    unit_hash = "99386850-6eee-5136-8d16-9c9f0751d287"
    good, bad, worse = (question("c446851e", "c076b976"), question("c446851e", "cchk0opt"), question("cnstattr", "x"))
    answers = {name: answered(item, featureHash="c55eab8b") for name, item in (("a", good), ("b", bad), ("c", worse))}
    objects = [thing(featureHash="OTk2MzM3"), thing(featureHash="no-class", key="o")]
    units = {unit_hash: unit({"objects": objects, "classifications": []}, data_sequence="0")}
    row = {"data_hash": group, "data_type": "img_group", "data_units": units, "classification_answers": answers}
    path = tmp_path / "predictions.json"
    path.write_text(json.dumps([row]))
    said = cli("import", "predictions", path, "--project", "fruit", "--name", "x", "--no-evaluate")
    assert said.code == 0, said.err
    facts = cli("show", "x", "--project", "fruit", "--json").json
    assert (facts["records"], facts["predictions"]) == (5, 1)
    assert facts["rejects"] == {"unknown_option": 2, "unknown_category": 1}
