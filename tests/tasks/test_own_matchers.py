"""Protocols with a matcher of their own, under settings and laws that hold for all."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.chain import Chain
from tests.coco_zoo import coco_set

PROTOCOLS = ("encord", "voc2007", "voc2012", "kitti")
SEEDS = [0, pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)]
CARS = [{"id": 1, "name": "Car"}, {"id": 2, "name": "Pedestrian"}, {"id": 3, "name": "Van"}]


def zoo(seed: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Crowded random boxes with ties, crowds and areas on their limits, of classes that KITTI knows."""
    coco = coco_set(seed)
    kinds = {category["id"]: CARS[k % 3] for k, category in enumerate(coco.ground_truth["categories"])}

    def of_kinds(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{**record, "category_id": kinds[record["category_id"]]["id"]} for record in records]

    truth = {**coco.ground_truth, "categories": CARS, "annotations": of_kinds(coco.ground_truth["annotations"])}
    return truth, of_kinds(coco.results)


def numbers(chain: Chain) -> list[tuple[Any, ...]]:
    """Every row of `metrics`, without the digest of its rules."""
    names = ("protocol", "metric", "category_name", "area_range", "threshold", "max_detections", "value")
    return sorted((tuple(row[name] for name in names) for row in chain.rows("metrics")), key=repr)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_rows_changes_nothing_under_the_canonical_order(tmp_path: Path, seed: int) -> None:
    """Neither that of predictions nor that of annotations."""
    truth, results = zoo(seed)
    turned = {**truth, "annotations": truth["annotations"][::-1]}
    one = Chain(tmp_path / "one").chain(truth, results, *PROTOCOLS, tie_order="canonical")
    other = Chain(tmp_path / "other").chain(turned, results[::-1], *PROTOCOLS, tie_order="canonical")
    assert numbers(one) == numbers(other)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_ranks_too_low_matches_nothing(tmp_path: Path, seed: int) -> None:
    """The books balance at a maximum of 2, and the rest is beyond it."""
    truth, results = zoo(seed)
    chain = Chain(tmp_path).chain(truth, results, *PROTOCOLS, max_detections=[2])
    low = [row for row in chain.rows("matches") if row["rank"] >= 2]
    assert low
    assert {row["outcomes"] for row in low} == {None}


def test_area_ranges_may_be_asked_for(tmp_path: Path) -> None:
    """What lies outside is ignored there, found or not."""
    truth, results = zoo(1)
    ranges = [{"name": "all", "low_px2": 0, "high_px2": 1e10}, {"name": "small", "low_px2": 0, "high_px2": 1024}]
    chain = Chain(tmp_path).chain(truth, results, *PROTOCOLS[:3], area_ranges=ranges)
    counts = {
        (row["protocol"], row["area_range"]): row["value"]
        for row in chain.rows("metrics")
        if row["metric"] == "ignored" and row["category"] is None and row["threshold"] == 0.5
    }
    assert all(counts[name, "small"] > counts[name, "all"] for name in PROTOCOLS[:3])


def test_empty_sides_have_numbers_or_reasons(tmp_path: Path) -> None:
    """No prediction: 0; no annotation: null with a reason."""
    truth, results = zoo(2)
    nothing = Chain(tmp_path / "nothing").chain({**truth, "annotations": []}, results, *PROTOCOLS)
    silent = Chain(tmp_path / "silent").chain(truth, [], *PROTOCOLS)
    for row in nothing.rows("metrics"):
        if row["metric"].startswith(("mA", "AP")):
            assert row["value"] is None
            assert row["null_reason"]
    means = {row["metric"]: row["value"] for row in silent.rows("metrics") if row["category"] is None}
    assert (means["mAP50"], means["mAR50"], means["Car_AP_R40_hard"]) == (0.0, 0.0, 0.0)
