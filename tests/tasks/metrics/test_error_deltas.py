"""What errors cost, against TIDE's rule written out, and hotcoco."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tasks.metrics.error_deltas import METRIC
from tests.chain import Chain, box, truth_of
from tests.coco_zoo import coco_set
from tests.tasks.metrics.made_up import Truth, context, rows, shard
from tests.tide_oracle import tide_says


def gains(chain: Chain) -> dict[str, float]:
    """The stored numbers over all classes."""
    found = chain.table("metrics").filter(pl.col("category").is_null(), pl.col("metric").str.starts_with("dAP_"))
    return {name.removeprefix("dAP_"): value for name, value in found.select("metric", "value").iter_rows()}


def _set(seed: int, crowds: bool) -> tuple[Any, Any]:
    """A set of the zoo in which no two scores and no two overlaps are equal, and no class is above its maximum."""
    rng = np.random.default_rng(seed)
    truth, results = coco_set(seed)
    results = [row for row in results if row["image_id"] % 3][:200]
    for row in [*truth["annotations"], *results]:
        row["bbox"] = [side + float(rng.uniform(0.01, 0.9)) for side in row["bbox"]]
        row["area"] = row["bbox"][2] * row["bbox"][3]
        row["iscrowd"] = int(crowds and bool(row.get("iscrowd")))
    for place, row in zip(rng.permutation(len(results)), results, strict=True):
        row["score"] = (float(place) + 0.5) / len(results)
    return truth, [{name: value for name, value in row.items() if name != "iscrowd"} for row in results]


@pytest.mark.parametrize("seed", range(4, 12))
def test_gains_are_those_of_tides_rule(tmp_path: Path, seed: int) -> None:
    """To the last places, on sets with crowds, whose ignored predictions may mend an annotation too."""
    truth, results = _set(seed, crowds=True)
    found = gains(Chain(tmp_path).chain(truth, results, "coco-bbox"))
    assert found == pytest.approx(tide_says(truth, results), abs=1e-12)


@pytest.mark.parametrize("seed", [5, 8, 10])
def test_gains_are_those_of_hotcoco_where_nothing_is_a_crowd(tmp_path: Path, seed: int) -> None:
    """Which looks at crowds as if they were annotations, where tidecv does not."""
    hotcoco = pytest.importorskip("hotcoco")
    truth, results = _set(seed, crowds=False)
    chain = Chain(tmp_path).chain(truth, results, "coco-bbox")
    known = hotcoco.COCO(str(tmp_path / "ground_truth.json"))
    evaluation = hotcoco.COCOeval(known, known.load_res(str(tmp_path / "results.json")), "bbox")
    evaluation.evaluate()
    said = evaluation.tide_errors()
    errors = chain.table("matches")["error"].drop_nulls().value_counts()
    assert dict(errors.iter_rows()) == {k: n for k, n in said["counts"].items() if n and k != "Miss"}
    assert gains(chain) == pytest.approx(said["delta_ap"], abs=1e-12)


def test_an_annotation_is_mended_once_by_the_best_scored(tmp_path: Path) -> None:
    """Two of another class lie on it: the better becomes its true positive, the other goes; nothing is missed."""
    square = [10, 10, 40, 40]
    results = [box(1, square, 2, score=0.9), box(1, square, 3, score=0.8)]
    chain = Chain(tmp_path).chain(truth_of(box(1, square), images=1, categories=3), results, "coco-bbox")
    nothing = dict.fromkeys(("Loc", "Both", "Dupe", "Bkg", "Miss", "FP", "FN"), 0)
    assert gains(chain) == pytest.approx({"Cls": 1, **nothing})
    (known,) = chain.rows("ground_truth_matches")
    assert (known["found_score"], known["mended_score"], known["confused_score"]) == (None, 0.9, 0.9)


def test_without_ground_truth_there_is_no_gain() -> None:
    """Null with its reason, over all and of each class."""
    looks = context()
    part = METRIC.partial(shard([], [Truth(0, 0, counted=False)]), looks)
    done = rows(list(METRIC.finish(METRIC.combine([part], looks), looks)["metrics"]))
    assert {(row["value"], row["null_reason"]) for row in done} == {(None, "no ground truth that counts")}
    assert len(done) == 8 * 3
