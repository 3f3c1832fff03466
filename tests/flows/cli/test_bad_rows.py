"""Records that cannot be taken: each one is a reject with its row and reason, and the others count."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.flows.cli.conftest import RESULT, TRUTH, Cli

Write = Callable[[str, Any], Path]


def mask(counts: object, size: object = (80, 100)) -> dict[str, Any]:
    """A prediction on the first image by a run-length mask."""
    return {"image_id": 1, "category_id": 1, "score": 0.5, "segmentation": {"size": size, "counts": counts}}


def polygon(parts: object) -> dict[str, Any]:
    """A prediction on the first image by polygons."""
    return {"image_id": 1, "category_id": 1, "score": 0.5, "segmentation": parts}


BAD: list[tuple[Any, str, str]] = [
    (RESULT | {"image_id": 77}, "resolve", "unknown_unit"),
    (RESULT | {"category_id": 77}, "resolve", "unknown_category"),
    (RESULT | {"score": "high"}, "ingest", "wrong_type"),
    (RESULT | {"score": None}, "ingest", "missing_field"),
    (RESULT | {"score": float("nan")}, "ingest", "not_finite"),
    (RESULT | {"score": float("inf")}, "ingest", "not_finite"),
    (RESULT | {"bbox": [1, 2, float("-inf"), 4]}, "ingest", "not_finite"),
    (RESULT | {"bbox": [1, 2, 3]}, "ingest", "invalid_box"),
    (RESULT | {"bbox": [1, 2, -3, 4]}, "ingest", "invalid_box"),
    (RESULT | {"bbox": "1 2 3 4"}, "ingest", "wrong_type"),
    ({name: RESULT[name] for name in ("image_id", "category_id", "bbox")}, "ingest", "missing_field"),
    ({name: RESULT[name] for name in ("image_id", "category_id", "score")}, "ingest", "no_geometry"),
    (7, "ingest", "not_an_object"),
    (mask([8_000, 1]), "ingest", "invalid_mask"),
    (mask([10, 20]), "ingest", "invalid_mask"),
    (mask([-5, 8_005]), "ingest", "invalid_mask"),
    (mask("~~~"), "normalize", "invalid_mask"),
    (mask("00", (80, 10**9)), "ingest", "invalid_mask"),
    (mask([4_000], (40, 100)), "normalize", "mask_size_mismatch"),
    (polygon([[1, 2, 3]]), "ingest", "invalid_polygon"),
    (polygon([[1, 2, 3, 4, 5, float("nan")]]), "ingest", "not_finite"),
]


@pytest.mark.parametrize(("record", "stage", "reason"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_a_bad_record_is_a_reject(
    cli: Cli, write: Write, empty_store: Path, record: Any, stage: str, reason: str
) -> None:
    """Of three records the middle one is bad: its row, stage, reason and content are in `rejects`, two are taken."""
    cli("import", "ground-truth", write("gt.json", TRUTH), "--project", "p")
    results = write("net.json", [RESULT, record, RESULT])
    said = cli("import", "predictions", results, "--project", "p", "--name", "a", "--no-evaluate", "--json")
    (done,) = said.json["imports"]
    assert (done["rows"], done["accepted"], done["rejected"]) == (3, 2, 1)
    (reject,) = pl.read_parquet(f"{empty_store}/p/rejects/**/*.parquet").to_dicts()
    assert (reject["source_file"], reject["source_row"]) == ("net.json", 1)
    assert (reject["stage"], reject["reason_code"]) == (stage, reason)
    assert reject["reason"]
    assert json.loads(reject["record"]) is not None
    assert pl.read_parquet(f"{empty_store}/p/predictions/**/*.parquet")["source_row"].to_list() == [0, 2]


def test_too_many_rejects_fail_the_run_and_are_kept(cli: Cli, write: Write, empty_store: Path) -> None:
    """Past `--reject-limit` the command exits 1 and publishes no prediction, but the rejects and the run's row."""
    cli("import", "ground-truth", write("gt.json", TRUTH), "--project", "p")
    results = write("net.json", [RESULT, RESULT | {"score": "high"}])
    import_it = ["import", "predictions", results, "--project", "p", "--name", "a"]
    said = cli(*import_it, "--reject-limit", "0.4")
    assert (said.code, said.out) == (1, "")
    assert "1 of 2 records were rejected (50.0%); allowed are 40.0%" in said.err
    (reject,) = pl.read_parquet(f"{empty_store}/p/rejects/**/*.parquet").to_dicts()
    assert (reject["source_row"], reject["prediction_set"]) == (1, "a")
    runs = pl.read_parquet(f"{empty_store}/p/runs/**/*.parquet").filter(pl.col("prediction_set") == "a")
    assert runs.select("status", "rows_in", "rows_accepted", "rows_rejected").rows() == [("failed", 2, 1, 1)]
    assert not list((empty_store / "p/predictions").rglob("*.parquet"))
    assert cli("verify").code == 0
    assert cli(*import_it, "--reject-limit", "0.5").code == 0


def test_ground_truth_has_a_limit_too(cli: Cli, write: Write, empty_store: Path) -> None:
    """A refused annotation past the limit fails the import of ground truth; the project then has none."""
    annotations = [*TRUTH["annotations"], {"id": 3, "image_id": 9, "category_id": 1, "bbox": [1, 1, 2, 2]}]
    truth = write("gt.json", TRUTH | {"annotations": annotations})
    said = cli("import", "ground-truth", truth, "--project", "p", "--reject-limit", "0")
    assert said.code == 1
    assert pl.read_parquet(f"{empty_store}/p/rejects/**/*.parquet")["reason_code"].to_list() == ["unknown_unit"]
    assert "has no ground truth" in cli("print", "ontology", "--project", "p").err


def test_nothing_found_is_a_result(cli: Cli, write: Write, empty_store: Path) -> None:
    """A results file without records is evaluated: nothing was found, and the numbers say so."""
    files = ["--ground-truth", write("gt.json", TRUTH), "--predictions", write("net.json", [])]
    numbers = cli("evaluate", *files, "--json").json["metrics"]
    assert (numbers["AP"], numbers["AR_100"], numbers["AP_large"]) == (0.0, 0.0, None)


def test_where_all_is_rejected_nothing_is_found(cli: Cli, write: Write, empty_store: Path) -> None:
    """Without a limit a file of rejects alone is a set without predictions, and says what happened."""
    files = ["--ground-truth", write("gt.json", TRUTH), "--predictions", write("net.json", [RESULT | {"image_id": 9}])]
    said = cli("evaluate", *files)
    assert said.code == 0
    assert "0 records taken from coco, 1 rejected (unknown_unit 1; see the table rejects)" in said.out
