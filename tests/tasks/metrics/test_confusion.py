"""Which class is taken for which."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tasks.metrics.confusion import METRIC
from tests.chain import Chain, box, truth_of
from tests.coco_zoo import coco_set
from tests.tasks.metrics.made_up import Found, Truth, context, rows, shard

SQUARE, FAR = [10, 10, 40, 40], [100, 50, 20, 20]


def _pairs(chain: Chain, lowest: float | None = None) -> dict[tuple[int, int], int]:
    """n by annotated and predicted class, which are told by their ids in the file; -1 is background."""
    ids = {row["category_key"]: int(row["feature_hash"]) for row in chain.rows("categories")} | {-1: -1}
    return {
        (ids[row["ground_truth_category"]], ids[row["predicted_category"]]): row["n"]
        for row in chain.rows("confusion")
        if row["score_threshold"] == lowest
    }


def _oracle(chain: Chain, lowest: float) -> dict[tuple[int, int], int]:
    """Row by row from the stored matches: who found it, else the best scored Cls error whose best of another it is."""
    found = [row for row in chain.rows("matches") if row["score"] >= lowest]
    ids = {row["category_key"]: int(row["feature_hash"]) for row in chain.rows("categories")}
    n: dict[tuple[int, int], int] = defaultdict(int)
    used = set()
    for known in chain.rows("ground_truth_matches"):
        if known["outcomes"][0] == "ignored":
            continue
        finder = next((row for row in found if (row["annotation_keys"] or [None])[0] == known["annotation_key"]), None)
        here = [row for row in found if row["best_other_annotation_key"] == known["annotation_key"]]
        taker = max((row for row in here if row["error"] == "Cls"), key=lambda row: row["score"], default=None)
        row = finder or taker
        n[ids[known["category_key"]], ids[row["category_key"]] if row else -1] += 1
        used.add(row and row["prediction_key"])
    for row in found:
        true = (row["outcomes"] or [None])[0] == "TP"
        if row["prediction_key"] not in used and (row["error"] or true):
            n[-1, ids[row["category_key"]]] += 1
    return dict(n)


@pytest.mark.parametrize("seed", range(4, 12))
def test_rows_and_columns_add_up_to_what_is_counted(tmp_path: Path, seed: int) -> None:
    """Annotations: found and missed, of a class; predictions: true and false; at the lowest threshold."""
    chain = Chain(tmp_path).chain(*coco_set(seed), "coco-bbox")
    pairs = chain.table("confusion").filter(pl.col("score_threshold").is_null())
    counts = chain.table("metrics").filter(pl.col("area_range") == "all", pl.col("threshold") == 0.5)
    for key in chain.table("categories")["category_key"]:
        n = dict(counts.filter(pl.col("category") == key).select("metric", "value").iter_rows())
        assert pairs.filter(pl.col("ground_truth_category") == key)["n"].sum() == n["TP"] + n["FN"]
        assert pairs.filter(pl.col("predicted_category") == key)["n"].sum() == n["TP"] + n["FP"]


@pytest.mark.parametrize("seed", range(4, 12))
def test_pairs_are_those_of_the_matches(tmp_path: Path, seed: int) -> None:
    """At every score, on sets where no two scores of an image are equal."""
    truth, results = coco_set(seed)
    results = [{**row, "score": (k * 7919 % 10007) / 10007} for k, row in enumerate(results)]
    chain = Chain(tmp_path).chain(truth, results, "coco-bbox")
    for lowest in (None, 0.25, 0.5, 0.75):
        assert _pairs(chain, lowest) == _oracle(chain, -1.0 if lowest is None else lowest), lowest


def test_an_annotation_is_what_it_was_found_as_before_what_it_was_taken_for(tmp_path: Path) -> None:
    """Above the score of its true positive it is the other class; what is left over is seen where nothing is."""
    results = [box(1, SQUARE, 2, score=0.8), box(1, SQUARE, 1, score=0.6), box(1, FAR, 1, score=0.3)]
    chain = Chain(tmp_path).chain(truth_of(box(1, SQUARE), box(2, SQUARE, 2)), results, "coco-bbox")
    assert _pairs(chain) == {(1, 1): 1, (2, -1): 1, (-1, 2): 1, (-1, 1): 1}
    assert _pairs(chain, 0.75) == {(1, 2): 1, (2, -1): 1}


def test_the_whole_is_the_sum_of_any_parts() -> None:
    """Also of parts without rows, which give none."""
    found = [Found(0, 0, 0.9, 0, (True, True)), Found(1, 1, 0.6, 0, error=1), Found(1, 0, 0.2, error=5)]
    truth = [Truth(0, 0, (True, True), found_score=0.9), Truth(1, 0, confused=(1, 0.6))]
    looks = context()

    def table(*parts: Any) -> list[dict[str, object]]:
        state = METRIC.combine([METRIC.partial(part, looks) for part in parts], looks)
        return rows(list(METRIC.finish(state, looks)["confusion"]))

    whole = table(shard(found, truth))
    assert whole == table(shard(found[:1], truth[:1]), shard([], []), shard(found[1:], truth[1:]))
    assert [(row["ground_truth_category"], row["predicted_category"], row["n"]) for row in whole[:3]] == [
        (4, 4, 1), (4, 5, 1), (4, 4, 1)
    ]  # fmt: skip
    assert table(shard([], [])) == []
