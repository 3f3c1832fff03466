"""Precision, recall and their curves, by hand."""

from typing import Any

import numpy as np
import pytest

from schemas.records import MatchedShard
from tasks.metrics.precision_recall import METRIC, _means
from tests.tasks.metrics.made_up import Found, Truth, context, rows, shard

BOTH = (True, True)
FOUND = [Found(0, 0, 0.9), Found(0, 0, 0.8, 1, BOTH), Found(1, 0, 0.7, 0, (True, False)), Found(1, 0, 0.1, 1, BOTH)]
TRUTH = [Truth(0, 0, BOTH), Truth(1, 0, (True, False)), Truth(1, 0, BOTH), Truth(1, 0, counted=False)]


def _finished(*shards: MatchedShard) -> dict[str, list[dict[str, Any]]]:
    looks = context()
    state = METRIC.combine([METRIC.partial(part, looks) for part in shards], looks)
    assert METRIC.recount is not None
    assert METRIC.combine_counts is not None
    counts = [METRIC.recount(part.detections, part.event, state, looks, None) for part in shards]
    state = METRIC.combine_counts(state, counts, looks)
    return {name: rows(list(pieces)) for name, pieces in METRIC.finish(state, looks).items()}


def test_a_curve_is_the_highest_precision_at_its_recall_or_more() -> None:
    """FP, TP, TP, TP of three annotations: 3 of 4 at recall 1, and before it; the score is where recall is reached."""
    curve = [
        (row["recall"], row["precision"], row["score"])
        for row in _finished(shard(FOUND, TRUTH))["curves"]
        if (row["area_range"], row["threshold"], row["max_detections"]) == ("all", 0.5, 2)
    ]
    assert curve == [(0.0, 3 / 4, 0.9), (0.5, 3 / 4, 0.7), (1.0, 3 / 4, 0.1)]


def test_numbers_are_means_over_thresholds_and_points() -> None:
    """At .75 the third is a false positive: 1/2 at recall 0, 1/2 at .5, nothing at 1."""
    metrics = _finished(shard(FOUND, TRUTH))["metrics"]
    value = {row["metric"]: row["value"] for row in metrics if row["category"] is None}
    assert value["AP50"] == 3 / 4
    assert value["AP75"] == (1 / 2 + 1 / 2 + 0) / 3
    assert value["AR_2"] == (1 + 2 / 3) / 2
    assert value["AR_1"] == (1 / 3 + 0) / 2


def test_a_class_without_annotations_has_no_curve_and_no_value() -> None:
    """It is null with its reason, and does not count in the mean; predictions are counted all the same."""
    done = _finished(shard([*FOUND, Found(0, 1, 0.95)], TRUTH))
    assert {row["category_name"] for row in done["curves"]} == {"cup"}
    cars = [row for row in done["metrics"] if (row["metric"], row["category_name"]) == ("AP", "car")]
    assert [(row["value"], row["null_reason"]) for row in cars] == [(None, "no ground truth that counts")]
    assert [(row["n_ground_truth"], row["n_predictions"]) for row in cars] == [(0, 1)]
    overall = [row["value"] for row in done["metrics"] if (row["metric"], row["category"]) == ("AP", None)]
    cups = [row["value"] for row in done["metrics"] if (row["metric"], row["category_name"]) == ("AP", "cup")]
    assert overall == cups


def test_annotations_without_predictions_are_zero_and_not_null() -> None:
    """Precision 0 at every point, recall 0."""
    done = _finished(shard([], TRUTH))
    assert {row["precision"] for row in done["curves"]} == {0.0}
    cups = [row for row in done["metrics"] if row["category_name"] == "cup"]
    assert {row["value"] for row in cups if row["metric"] == "recall"} == {0.0}


def test_the_whole_is_its_combined_parts_to_the_bit() -> None:
    """However the units are shared out, also with a shard that holds nothing."""
    halves = shard(FOUND[:2], TRUTH[:1]), shard([], []), shard(FOUND[2:], TRUTH[1:])
    assert _finished(*halves) == _finished(shard(FOUND, TRUTH))


def test_nothing_at_all_has_no_value_anywhere() -> None:
    """Neither annotations nor predictions."""
    done = _finished(shard([], []))
    assert done["curves"] == []
    assert {row["value"] for row in done["metrics"]} == {None}


@pytest.mark.parametrize("shape", [(10, 101, 7), (1, 101, 9), (10, 13), (1, 1, 5), (3, 0, 4), (2, 5000, 3)], ids=str)
@pytest.mark.parametrize("undefined", [0.0, 0.3])
def test_the_mean_of_each_class_has_the_bits_of_the_mean_of_its_numbers_alone(
    shape: tuple[int, ...], undefined: float
) -> None:
    """Also where a class, or some of its numbers, are undefined, and whatever the order in memory."""
    rng = np.random.default_rng(1)
    values = rng.random(shape)
    values[..., rng.random(shape[-1]) < undefined] = -1
    values[rng.random(shape) < undefined / 50] = -1
    alone = [values[..., k][values[..., k] > -1] for k in range(shape[-1])]
    expected = np.array([float(np.mean(each)) if len(each) else np.nan for each in alone])
    for given in (values, np.asfortranarray(values)):
        assert _means(given).tobytes() == expected.tobytes()


@pytest.mark.parametrize("scores", [(-0.0, 0.0), (0.0, -0.0), (-0.0, -0.0)])
def test_a_best_score_of_zero_has_no_sign(scores: tuple[float, float]) -> None:
    """Which zero is met first depends on how the data was cut; the score at recall 0 does not."""
    found = [Found(place, 0, score) for place, score in enumerate(scores)]
    first = [row["score"] for row in _finished(shard(found, TRUTH))["curves"] if row["recall"] == 0.0]
    assert first
    assert not np.signbit(first).any()
