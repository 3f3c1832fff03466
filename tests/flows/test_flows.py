"""The flows on a real server: the tables of the command line, names and artifacts in the UI, nothing on failure."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest

from deployments.server import prefect_server
from schemas.tables import TABLES

pytestmark = pytest.mark.slow
SAMPLE = Path(__file__).resolve().parents[2] / "data/sample"
ARGUMENTS_BYTES = 8192
"""More than any shard is described with."""
LABELLED = {"rejects", "runs"}
"""Tables whose rows carry the run's id and times."""


class Driven(NamedTuple):
    """What the flows left and said, beside the store of the command line."""

    flows: Path
    command: Path
    said: dict[str, Any]


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Driven:
    """Flows driven on a server of their own, and the same work by the command line without one."""
    folder = tmp_path_factory.mktemp("flows")
    truth, results, broken = SAMPLE / "ground_truth.json", SAMPLE / "masks.json", folder / "broken.json"
    broken.write_text(results.read_text()[:-100])
    with prefect_server(folder / "home") as server:
        arguments = [sys.executable, "-m", "tests.flows.drive", folder / "flows", truth, results, broken]
        done = subprocess.run(arguments, capture_output=True, text=True, env=server.environment, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    command = [sys.executable, "-c", "import sys, flows.cli; sys.exit(flows.cli.main())"]
    options = ["--project", "p", "--store", str(folder / "command")]
    files = ["--ground-truth", str(truth), "--predictions", str(results), "--name", "a"]
    subprocess.run([*command, "evaluate", *files, *options], check=True, capture_output=True)
    loose = ["--protocol", "coco-bbox", "--iou-threshold", "0.3", "--as", "loose"]
    subprocess.run([*command, "reanalyze", *loose, *options], check=True, capture_output=True)
    subprocess.run([*command, "quality", "--ground-truth", *options], check=True, capture_output=True)
    concluding = ["--protocol", "coco-segm", *options]
    subprocess.run([*command, "failures", "a", *concluding], check=True, capture_output=True)
    subprocess.run([*command, "label-errors", *concluding], check=True, capture_output=True)
    return Driven(folder / "flows", folder / "command", json.loads(done.stdout.splitlines()[-1]))


def digests(store: Path, table: str) -> dict[str, str]:
    """sha256 of each file of a table, by its path within the store."""
    files = (store / "p" / table).rglob("*.parquet")
    return {str(path.relative_to(store)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


OF_BOXES = {
    "data_units", "categories", "ground_truth", "predictions", "matches", "ground_truth_matches", "metrics", "curves",
    "unit_scores", "evaluated_units", "confusion", "calibration_bins", "quality",
    "metric_performance", "metric_importance", "failure_slices", "label_error_candidates",
}  # fmt: skip
"""Tables that annotations and predictions of objects fill."""


@pytest.mark.parametrize("table", sorted({table.name for table in TABLES} - LABELLED))
def test_flows_give_the_bytes_of_the_command_line(driven: Driven, table: str) -> None:
    """Every table is, file for file, the same bytes whoever drives the stages."""
    found = digests(driven.flows, table)
    assert bool(found) is (table in OF_BOXES)
    assert found == digests(driven.command, table)


def test_the_same_work_twice_is_none(driven: Driven) -> None:
    """A second run of the same flow on the same files writes no file."""
    assert driven.said["unchanged"] is True


def test_a_failing_flow_leaves_nothing(driven: Driven) -> None:
    """Cut-off predictions fail the flow with the command line's own error; no table changes, the store is sound."""
    assert "broken.json" in driven.said["error"]
    assert driven.said["left"] is False
    assert driven.said["sound"] is True
    assert not any((driven.flows / "p/_meta/staging").iterdir())


def test_runs_are_called_after_what_they_do(driven: Driven) -> None:
    """Project, set and protocol are in the names of the runs, those of stages too; the broken one alone has failed."""
    names = {name for name, _ in driven.said["runs"]}
    failed = [name for name, state in driven.said["runs"] if state == "Failed"]
    assert {
        "evaluate a on p",
        "ingest ground_truth.json, masks.json: ground truth and a of p",
        "normalize ground truth and a of p",
        "resolve ground truth and a of p",
        "match coco-bbox, coco-segm: a on p",
        "metrics coco-bbox: a on p",
        "match loose: a on p",
        "reanalyze all sets on p: coco-bbox",
        "quality all sets on p",
        "failures of a on p",
        "label errors: all sets on p",
    } <= names
    assert failed == ["evaluate b on p", "ingest broken.json: b of p"]


def test_a_log_tells_the_story_in_ten_lines(driven: Driven) -> None:
    """What came in, what of it was taken, what it came to and where it lies: lines of ours between Prefect's two."""
    lines = driven.said["log"]
    assert len(lines) <= 12
    starts = ["Beginning", "a on p:", "ground truth of p:", "a of p: 296 records", "coco-bbox: AP 0.", "tables: "]
    places = [next(k for k, line in enumerate(lines) if line.startswith(start)) for start in starts]
    assert places == sorted(places)


def test_conclusions_are_told_and_drawn_once(driven: Driven) -> None:
    """How many slices and candidates there are; nothing is done where all they were made of is as before."""
    slices, candidates = (
        sum(pq.read_metadata(path).num_rows for path in (driven.flows / "p" / table).rglob("*.parquet"))
        for table in ("failure_slices", "label_error_candidates")
    )
    said = driven.said["concluded"]
    for status in ("completed", "unchanged"):
        assert f"failures of a under coco-segm: {status}, {slices} slices" in said
        assert f"label errors by a under coco-segm: {status}, {candidates} candidates" in said
    assert candidates > 0


def artifacts(driven: Driven, key: str) -> list[Any]:
    """What the runs left under a key, newest last."""
    found = [each for each in driven.said["artifacts"] if each["key"] == key]
    return [json.loads(each["data"]) if each["type"] == "table" else each["data"] for each in reversed(found)]


def test_the_first_run_shows_all_that_it_made(driven: Driven) -> None:
    """On the page of the run itself: numbers, classes and report of each protocol, rejects of both imports."""
    keys = {each["key"] for each in driven.said["artifacts"] if each["of_first"]}
    of_protocols = {
        f"{kind}-p-a-{name}" for kind in ("metrics", "classes", "report") for name in ("coco-bbox", "coco-segm")
    }
    assert keys == {*of_protocols, "rejects-p-a", "ground-truth-rejects-p", "progress-p-a"}


def test_numbers_are_rounded_and_stand_beside_those_before(driven: Driven) -> None:
    """The first run has nothing before; the same again changes nothing."""
    tables = artifacts(driven, "metrics-p-a-coco-bbox")
    assert len(tables) == 2
    assert all(row["value"] == round(row["value"], 4) for table in tables for row in table)
    assert {row["before"] for row in tables[0]} | {row["change"] for row in tables[0]} == {None}
    assert all(row["before"] == row["value"] and row["change"] == 0 for row in tables[1])
    assert next(row["metric"] for row in artifacts(driven, "metrics-p-a-loose")[0]) == "AP"


def test_the_report_has_a_picture_and_folders_that_are_there(driven: Driven) -> None:
    """The picture is in the page; each link leads to files."""
    page = artifacts(driven, "report-p-a-coco-segm")[0]
    folders = [part.partition(")")[0] for part in page.split("](file://")[1:]]
    assert "](data:image/svg+xml;base64," in page
    assert len(folders) >= 5
    assert all(any(Path(folder).rglob("*.parquet")) for folder in folders)


def test_a_run_ends_at_a_hundred(driven: Driven) -> None:
    """Those that ended well; one that fails stays where it was."""
    assert artifacts(driven, "progress-p-a") == [100.0, 100.0]
    (stuck,) = artifacts(driven, "progress-p-b")
    assert 0 < stuck < 100


def test_a_long_stage_shows_its_shards(driven: Driven) -> None:
    """On the page of the stage's own run."""
    done = {each["of"]: each["data"] for each in driven.said["artifacts"] if each["key"] is None}
    assert done["match loose: a on p"] == 100.0


def test_no_data_passes_through_arguments(driven: Driven) -> None:
    """What tasks and flows are handed, pickled or as JSON, are paths and small parameters; the sets are larger."""
    submitted = driven.said["submitted"]
    assert {"normalize", "resolve", "match coco-bbox, coco-segm"} <= set(submitted)
    assert max(submitted.values()) < ARGUMENTS_BYTES
    assert driven.said["parameters"] < ARGUMENTS_BYTES
    assert (SAMPLE / "masks.json").stat().st_size > 5 * ARGUMENTS_BYTES
