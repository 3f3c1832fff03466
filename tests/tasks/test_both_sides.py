"""Ground truth and predictions taken in side by side, against one after the other."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import InputError, RejectLimitError
from schemas.parameters import EvaluateParameters
from schemas.records import Run
from tasks import imports
from tasks.both_sides import import_both
from tasks.catalog import catalog
from tasks.import_ground_truth import import_ground_truth
from tasks.import_predictions import import_predictions
from tasks.running import serial, threaded
from tests.chain import PROJECT, SET, Chain
from tests.coco_zoo import coco_set

TABLES = ("data_units", "categories", "ground_truth", "predictions")


def _both(chain: Chain, ground_truth: Any, results: Any, **options: Any) -> EvaluateParameters:
    """What is asked for, of files that hold these."""
    truth, found = chain.write("ground_truth.json", ground_truth), chain.write("results.json", results)
    where: dict[str, Any] = {"store": chain.store, "project": PROJECT, "name": SET}
    return EvaluateParameters(**where, ground_truth=truth, predictions=found, **options)


@pytest.mark.parametrize("run", [serial, threaded(2), threaded(6)])
def test_both_at_once_publish_what_one_after_the_other_publishes(
    tmp_path: Path, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same bytes, counts and digests, over several buckets and however many threads there are."""
    monkeypatch.setattr(imports, "_BUCKET_BYTES", 1 << 12)
    ground_truth, results = coco_set(7, "bbox")
    one, both = Chain(tmp_path / "one"), Chain(tmp_path / "both")
    taken = [one.truth(ground_truth), one.predictions([*results, {"image_id": "none"}])]
    assert import_both(_both(both, ground_truth, [*results, {"image_id": "none"}]), run) == taken
    assert taken[1].rejected == 1
    assert both.bytes_of(*TABLES) == one.bytes_of(*TABLES)
    first, second = (catalog(chain.project).sets[SET] for chain in (one, both))
    assert (second.digest, second.record["ground_truth"], second.record["names"]) == (
        first.digest,
        first.record["ground_truth"],
        first.record["names"],
    )
    both.evaluate()
    assert catalog(both.project).stale(catalog(both.project).evaluations_of(SET)[0]) is None


def _noting(labels: list[str]) -> Run:
    """Work in turn; imports leave what they are called."""

    def run(work: Callable[[Any], Any], shards: Iterable[Any], /, label: str = "") -> Iterator[Any]:
        labels.extend([label] if label.startswith("import") else [])
        return serial(work, shards)

    return run


def test_each_import_has_a_label_of_its_own(tmp_path: Path) -> None:
    """Side by side they are called as by themselves, and differently, so that one can tell their bars apart."""
    alone, labels = list[str](), list[str]()
    ground_truth, results = coco_set(3, "bbox")
    asked = _both(Chain(tmp_path / "one"), ground_truth, results)
    import_ground_truth(asked.of_ground_truth(), _noting(alone))
    import_predictions(asked.of_predictions(), _noting(alone))
    import_both(_both(Chain(tmp_path / "both"), ground_truth, results), _noting(labels))
    assert alone == sorted(labels) == ["import ground truth", "import predictions"]


def test_what_is_there_already_is_left(tmp_path: Path) -> None:
    """The same files change nothing; other predictions on the same ground truth are all that is imported."""
    chain = Chain(tmp_path)
    ground_truth, results = coco_set(3, "bbox")
    asked = _both(chain, ground_truth, results)
    assert [taken.status for taken in import_both(asked, serial)] == ["completed", "completed"]
    assert [taken.status for taken in import_both(asked, serial)] == ["unchanged", "unchanged"]
    other = _both(chain, ground_truth, results[1:], replace=True)
    assert [taken.status for taken in import_both(other, threaded(2))] == ["unchanged", "completed"]


def test_corrected_ground_truth_takes_the_set_along(tmp_path: Path) -> None:
    """A set is resolved again on the units and classes that are imported beside it."""
    chain = Chain(tmp_path)
    ground_truth, results = coco_set(3, "bbox")
    import_both(_both(chain, ground_truth, results), serial)
    more = {**ground_truth, "categories": [*ground_truth["categories"], {"id": 9_999, "name": "late"}]}
    late = {**results[0], "category_id": 9_999}
    taken = import_both(_both(chain, more, [*results, late], replace=True), serial)
    assert [(one.status, one.rejected) for one in taken] == [("completed", 0), ("completed", 0)]
    assert len(chain.table("predictions")) == len(results) + 1


@pytest.mark.parametrize("run", [serial, threaded(4)])
@pytest.mark.parametrize("broken", ["ground truth", "predictions"])
def test_one_that_cannot_be_read_keeps_the_other_out(tmp_path: Path, broken: str, run: Any) -> None:
    """Cut off in its last record: the error names the file, and nothing is left behind."""
    chain = Chain(tmp_path)
    asked = _both(chain, *coco_set(3, "bbox"))
    path = asked.ground_truth if broken == "ground truth" else asked.predictions
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InputError, match="cut off") as failed:
        import_both(asked, run)
    assert path.name in str(failed.value.where)
    assert not list(chain.store.rglob("*.parquet"))


def test_too_many_rejects_of_one_leave_the_other(tmp_path: Path) -> None:
    """Predictions over their limit leave their rejects only, beside a ground truth that was within its own."""
    chain = Chain(tmp_path)
    ground_truth, results = coco_set(3, "bbox")
    with pytest.raises(RejectLimitError):
        import_both(_both(chain, ground_truth, [*results, {"image_id": "none"}], reject_limit=0.0), serial)
    assert catalog(chain.project).ground_truth is not None
    assert not catalog(chain.project).sets
    assert len(chain.table("rejects")) == 1
