"""The commands that look: list, show, metrics, print and files."""

import shutil
from pathlib import Path

import pytest

from flows.cli.drawing import OUT
from schemas.tables import TABLES
from tasks.versions import STAGE_VERSIONS
from tests.flows.cli.conftest import SAMPLE, Cli

LONG = "n" * 100


def test_list_shows_projects_and_sets(cli: Cli, store: Path) -> None:
    """Without a project the projects are counted, with one its sets have a line for each evaluation."""
    assert "│ sample  │         40 │         194 │    2 │" in cli("list").out
    lines = cli("list", "--project", "sample").out.splitlines()
    assert lines[0] == "ground truth: 194 annotations on 40 data units"
    assert [line.split()[1] for line in lines if "coco-" in line] == ["boxes", "masks", "masks"]


def test_an_empty_store_is_no_error(cli: Cli, empty_store: Path) -> None:
    """Where there is nothing yet, list and verify say so and end with 0."""
    for command in ("list", "verify"):
        said = cli(command)
        assert said.code == 0
        assert f"no projects in {empty_store}" in said.out
    assert cli("list", "--json").json == {"projects": []}
    assert cli("verify", "--json").json == {"sound": True, "problems": {}}


def test_nothing_folds_where_nobody_looks(cli: Cli, store: Path) -> None:
    """Long names and folders stay in one line when the output is no terminal."""
    cli("import", "predictions", SAMPLE / "boxes.json", "--project", "sample", "--name", LONG)
    assert LONG in cli("list", "--project", "sample").out
    shown = cli("show", LONG, "--project", "sample").out
    assert all(str(path) in shown for path in (store / "sample/matches").glob(f"version={LONG}@*/rules=*"))


def test_a_terminal_is_filled_and_not_overrun(cli: Cli, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal of 60 columns no line of a table is longer, and nothing is cut off."""
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setattr(OUT, "_width", 60)  # rich reads COLUMNS once, when it is imported
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    shown = cli("show", "masks", "--project", "sample").out.splitlines()
    table = [line for line in shown if line.startswith("│")]
    assert max(map(len, table)) == 60
    assert not any("…" in line for line in table)


def test_show_says_where_each_record_went(cli: Cli, store: Path) -> None:
    """A set's source, its books, its numbers and the folders of its rows, one for each evaluation."""
    said = cli("show", "masks", "--project", "sample")
    assert "296 records = 296 accepted + 0 rejected" in said.out
    facts = cli("show", "masks", "--project", "sample", "--json").json
    assert facts["inputs"][0]["file"] == "masks.json"
    assert facts["records"] == facts["predictions"] + facts["rejected"] == 296
    assert len(facts["tables"]["matches"]) == 2
    assert all(Path(folder).is_dir() for folders in facts["tables"].values() for folder in folders)


def test_quality_is_listed_once_it_is_measured(cli: Cli, store: Path) -> None:
    """How many metrics of what, in list and show, with the folders of its rows."""
    assert "quality metrics:" not in cli("list", "--project", "sample").out
    cli("quality", "masks", "--ground-truth", "--project", "sample")
    said = cli("list", "--project", "sample")
    assert "quality metrics: 9 of annotations, 2 of images" in said.out
    assert [line.split("│")[6].strip() for line in said.out.splitlines() if "coco-" in line] == ["", "10", "10"]
    assert "quality metrics: 10 of predictions" in cli("show", "masks", "--project", "sample").out
    facts = cli("show", "masks", "--project", "sample", "--json").json
    rows = {"prediction": 296, "unit": 40}
    assert facts["quality"] == [{"of": "predictions", "metrics": 10, "rows": rows, "stale": None}]
    assert len(facts["tables"]["quality"]) == 1


def test_stale_quality_is_listed_with_what_to_run(cli: Cli, store: Path) -> None:
    """Of the set whose predictions were replaced, and of no other."""
    cli("quality", "--project", "sample")
    cli("import", "predictions", SAMPLE / "boxes.json", "--project", "sample", "--name", "masks", "--replace")
    said = cli("list", "--project", "sample").out
    assert "quality of the predictions of masks: the predictions changed (boxscore quality masks --proj" in said
    facts = cli("list", "--project", "sample", "--json").json
    stale = {each["name"]: [item["stale"] for item in each["quality"]] for each in facts["prediction_sets"]}
    assert stale == {"boxes": [None], "masks": ["the predictions changed"]}


def test_what_an_earlier_boxscore_imported_is_listed(cli: Cli, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ground truth and sets, each with the command that imports it again."""
    monkeypatch.setitem(STAGE_VERSIONS, "ingest", 99)
    said = cli("list", "--project", "sample").out
    again = "an earlier boxscore imported it (boxscore import"
    assert f"ground truth: {again} ground-truth ground_truth.json --project sample)" in said
    assert f"masks: {again} predictions masks.json --project sample --name masks)" in said
    assert f"masks: {again}" in cli("show", "masks", "--project", "sample").out


def test_metrics_have_one_shape_for_one_protocol_and_another_for_several(cli: Cli, store: Path) -> None:
    """{"protocol", "metrics"} for one, {"protocols": {name: metrics}} for several; both hold the same numbers."""
    several = cli("metrics", "masks", "--project", "sample", "--json").json
    one = cli("metrics", "masks", "--project", "sample", "--protocol", "coco-segm", "--json").json
    assert one == {"protocol": "coco-segm", "metrics": several["protocols"]["coco-segm"]}
    assert f"{one['metrics']['AP']:.4f}" in cli("metrics", "masks", "--project", "sample").out


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_files_are_what_a_glob_finds(cli: Cli, store: Path, table: str) -> None:
    """On a file system the committed files of a table are just those that a plain glob finds."""
    listed = cli("files", table, "--project", "sample").out.split()
    assert sorted(listed) == sorted(map(str, (store / "sample" / table).rglob("*.parquet")))
    assert cli("files", table, "--project", "sample", "--json").json == {"table": table, "files": listed}


def test_the_data_mapping_names_every_unit(cli: Cli, store: Path) -> None:
    """{data_hash: file name}, as JSON or in two columns."""
    mapping = cli("print", "data-mapping", "--project", "sample", "--json").json
    lines = cli("print", "data-mapping", "--project", "sample").out.splitlines()
    assert len(mapping) == 40
    assert [tuple(line.split()) for line in lines[1:]] == list(mapping.items())


def test_the_ontology_names_every_class(cli: Cli, store: Path) -> None:
    """Classes by name with their hashes: for COCO the ids."""
    ontology = cli("print", "ontology", "--project", "sample", "--json").json
    assert ontology["objects"]["traffic light"] == "10"
    assert "traffic light" in cli("print", "ontology", "--project", "sample").out


def test_a_store_can_be_moved(cli: Cli, store: Path, tmp_path: Path) -> None:
    """A store holds no absolute path: `--store` reads it wherever it lies, and comes before BOXSCORE_STORE."""
    moved = tmp_path / "moved"
    shutil.move(store, moved)
    assert cli("list", "--json").json == {"projects": []}
    assert cli("list", "--json", "--store", moved).json == {"projects": ["sample"]}
    assert cli("verify", "--store", moved).code == 0
