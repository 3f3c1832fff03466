"""The flows on a real server: the tables of the command line, names and artifacts in the UI, nothing on failure."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from deployments.server import prefect_server
from schemas.tables import TABLES

pytestmark = pytest.mark.slow
SAMPLE = Path(__file__).resolve().parents[2] / "data/sample"
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
    return Driven(folder / "flows", folder / "command", json.loads(done.stdout.splitlines()[-1]))


def digests(store: Path, table: str) -> dict[str, str]:
    """sha256 of each file of a table, by its path within the store."""
    files = (store / "p" / table).rglob("*.parquet")
    return {str(path.relative_to(store)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


OF_BOXES = {
    "data_units", "categories", "ground_truth", "predictions", "matches", "ground_truth_matches", "metrics", "curves",
    "unit_scores", "confusion", "calibration_bins",
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
    """Project, set and file are in the names of the runs; the broken one alone has failed."""
    names = [name for name, _ in driven.said["runs"]]
    failed = [name for name, state in driven.said["runs"] if state == "Failed"]
    for name in ("evaluate a on p", "ground truth of p", "a of p", "ingest masks.json", "reanalyze p"):
        assert name in names
    assert failed == ["b of p", "evaluate b on p", "ingest broken.json"]


def test_numbers_are_an_artifact(driven: Driven) -> None:
    """The UI's table of numbers has a row a metric, rounded to four decimals."""
    rows = [row for table in driven.said["artifacts"] for row in table]
    assert {row["protocol"] for row in rows} == {"coco-bbox", "coco-segm", "loose"}
    assert {row["set"] for row in rows} == {"a"}
    assert all(row["value"] is None or row["value"] == round(row["value"], 4) for row in rows)
