"""What an earlier boxscore imported is called stale, and says what to run where it cannot be worked with."""

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from schemas.conclusions import LabelErrorSettings
from schemas.errors import StoreError
from schemas.parameters import ProtocolSettings
from tasks import stored_columns
from tasks.catalog import catalog
from tasks.evaluation import evaluate_set
from tasks.label_errors.stage import find_label_errors
from tasks.quality.stage import measure_quality
from tasks.storage import Project
from tasks.stored_columns import check_readable, stale_import
from tests.chain import PROJECT, SET, Chain, box, truth_of

TRUTH = truth_of(box(1, [10, 10, 30, 40]), images=2)
FOUND = [box(1, [12, 12, 30, 40], score=0.5)]
WORK: dict[str, Callable[[Project], object]] = {
    "evaluate": lambda project: evaluate_set(project, SET, [], ProtocolSettings(), Chain(project.folder).run),
    "quality": lambda project: measure_quality(project, [SET], Chain(project.folder).run),
    "label errors": lambda project: find_label_errors(
        project, [SET], [], LabelErrorSettings(), Chain(project.folder).run
    ),
}
"""What reads a set's columns."""


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    """A project with an evaluated set of a box."""
    return Chain(tmp_path).chain(TRUTH, FOUND, "coco-bbox")


@pytest.fixture
def earlier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Chain:
    """The same, imported when tables had other columns."""
    with monkeypatch.context() as before:
        before.setattr(stored_columns, "_OF_TRUTH", ())
        before.setattr(stored_columns, "_OF_SETS", ())
        return Chain(tmp_path).chain(TRUTH, FOUND, "coco-bbox")


def drop(chain: Chain, table: str, column: str) -> None:
    """Take a column out of the files of a table."""
    for path in (chain.project.folder / table).rglob("*.parquet"):
        pq.write_table(pq.ParquetFile(path).read().drop_columns(column), path)


def test_what_is_imported_now_is_not_stale(chain: Chain):
    """Neither set nor ground truth, and both can be read."""
    known = catalog(chain.project)
    assert stale_import(known.sets[SET]) is None
    assert stale_import(known.require_ground_truth()) is None
    check_readable(known, SET)


def test_a_set_with_all_columns_is_stale_and_works(earlier: Chain):
    """Where another boxscore imported it, and the files lack nothing."""
    known = catalog(earlier.project)
    assert stale_import(known.sets[SET]) == "an earlier boxscore imported it"
    check_readable(known, SET)
    assert earlier.evaluate("coco-bbox", force=True)[0].status == "completed"


@pytest.mark.parametrize("work", WORK.values(), ids=WORK.keys())
def test_a_set_without_a_column_says_what_to_run(earlier: Chain, work: Callable[[Project], object]):
    """Whatever would read it; and that import mends it, though the file is the same."""
    drop(earlier, "predictions", "class_probabilities")
    with pytest.raises(StoreError, match=r"the set 'net', without the column\(s\) predictions.class_prob") as caught:
        work(earlier.project)
    again = f"boxscore import predictions results.json --project {PROJECT} --name {SET}"
    assert caught.value.hint == f"import it again: {again}"
    earlier.truth(TRUTH)
    assert earlier.predictions(FOUND).status == "completed"
    assert stale_import(catalog(earlier.project).sets[SET]) is None
    earlier.evaluate("coco-bbox")
    work(earlier.project)


@pytest.mark.parametrize(("table", "column"), [("data_units", "source_id"), ("ground_truth", "occluded")])
def test_ground_truth_without_a_column_says_what_to_run(earlier: Chain, table: str, column: str):
    """Sets cannot be imported on it either; imported again, it keeps its units."""
    drop(earlier, table, column)
    with pytest.raises(StoreError, match=rf"the ground truth, without the column\(s\) {table}.{column}") as caught:
        earlier.predictions(FOUND, name="other")
    assert caught.value.hint == f"import it again: boxscore import ground-truth ground_truth.json --project {PROJECT}"
    keys = set(earlier.table("data_units")["unit_key"])
    assert earlier.truth(TRUTH).status == "completed"
    assert earlier.predictions(FOUND, name="other").status == "completed"
    assert set(earlier.table("data_units")["unit_key"]) == keys
