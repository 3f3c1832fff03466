"""Whether scores are probabilities, against hotcoco and by hand."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tasks.metrics.calibration import METRIC
from tests.chain import Chain, box, truth_of
from tests.coco_zoo import coco_set
from tests.tasks.metrics.made_up import Found, Truth, context, rows, shard

SQUARE = [10, 10, 40, 40]


def _finished(*parts: Any) -> dict[str, list[dict[str, Any]]]:
    looks = context()
    state = METRIC.combine([METRIC.partial(part, looks) for part in parts], looks)
    return {name: rows(list(pieces)) for name, pieces in METRIC.finish(state, looks).items()}


@pytest.mark.parametrize("seed", range(4, 12))
def test_bins_and_errors_are_those_of_hotcoco(tmp_path: Path, seed: int) -> None:
    """Of all classes together and, as far as it tells, of each; no score is a bound, which hotcoco's bins leave out."""
    hotcoco = pytest.importorskip("hotcoco")
    truth, results = coco_set(seed)
    results = [{**row, "score": 0.9137 * row["score"] + 0.0123} for row in results]
    chain = Chain(tmp_path).chain(truth, results, "coco-bbox")
    known = hotcoco.COCO(str(tmp_path / "ground_truth.json"))
    evaluation = hotcoco.COCOeval(known, known.load_res(str(tmp_path / "results.json")), "bbox")
    evaluation.evaluate()
    for threshold in (0.5, 0.75):
        _assert_said(chain, threshold, evaluation.calibration(n_bins=10, iou_threshold=threshold))


def _assert_said(chain: Chain, threshold: float, said: dict[str, Any]) -> None:
    numbers = chain.table("metrics").filter(pl.col("threshold") == threshold, pl.col("metric").is_in(["ECE", "MCE"]))
    every = dict(numbers.filter(pl.col("category").is_null()).select("metric", "value").iter_rows())
    assert every == pytest.approx({"ECE": said["ece"], "MCE": said["mce"]}, abs=1e-12)
    each = numbers.filter(pl.col("metric") == "ECE", pl.col("category").is_not_null(), pl.col("value").is_not_null())
    assert dict(each.select("category_name", "value").iter_rows()) == pytest.approx(said["per_category"], abs=1e-12)
    bins = chain.table("calibration_bins").filter(pl.col("category").is_null(), pl.col("threshold") == threshold)
    columns = ("bin_low", "bin_high", "mean_score", "share_true", "n_counted")
    names = ("bin_lower", "bin_upper", "avg_confidence", "avg_accuracy", "count")
    expected = [tuple(row[name] for name in names) for row in said["bins"] if row["count"]]
    assert [pytest.approx(row, abs=1e-12) for row in bins.sort("bin_low").select(columns).iter_rows()] == expected


def test_a_bin_holds_its_upper_bound(tmp_path: Path) -> None:
    """.3 belongs below, 0 to the first; bins that are empty are left out."""
    results = [box(1, SQUARE, score=score) for score in (0.0, 0.3, 1.0)]
    chain = Chain(tmp_path).chain(truth_of(box(1, SQUARE)), results, "coco-bbox", iou_thresholds=[0.5])
    bins = chain.table("calibration_bins").filter(pl.col("category").is_null()).sort("bin_low")
    assert list(bins.select("bin_low", "bin_high", "share_true").iter_rows()) == [
        (0, 0.1, 0),
        (0.2, 0.3, 0),
        (0.9, 1, 1),
    ]
    values = chain.table("metrics").filter(pl.col("category").is_null(), pl.col("metric").is_in(["ECE", "MCE"]))
    assert dict(values.select("metric", "value").iter_rows()) == pytest.approx({"ECE": 0.1, "MCE": 0.3})


def test_scores_that_are_no_probabilities_have_no_calibration() -> None:
    """The class has none, and nor have all together; other classes do."""
    done = _finished(shard([Found(0, 0, 1.5, error=5), Found(0, 1, 0.5, error=5)], [Truth(0, 1)]))
    at = {(row["metric"], row["category_name"]): row for row in done["metrics"] if row["threshold"] == 0.5}
    assert at["ECE", "cup"]["null_reason"] == at["MCE", None]["null_reason"] == "scores are not all between 0 and 1"
    assert (at["ECE", "car"]["value"], at["MCE", "car"]["value"]) == (0.5, 0.5)
    assert {row["category_name"] for row in done["calibration_bins"]} == {"car"}


def test_without_predictions_there_is_no_value() -> None:
    """Null with its reason, and no bins."""
    done = _finished(shard([], [Truth(0, 0)]))
    assert {(row["value"], row["null_reason"]) for row in done["metrics"]} == {(None, "no predictions that count")}
    assert done["calibration_bins"] == []


def test_the_whole_is_the_sum_of_any_parts() -> None:
    """To the bit, whatever the scores: they are summed as whole numbers."""
    found = [Found(k % 3, 0, (k * 7919 % 1009) / 1009, k, error=5) for k in range(50)]
    whole = _finished(shard(found, []))
    assert whole == _finished(shard(found[:7], []), shard(found[7:30], []), shard([], []), shard(found[30:], []))
