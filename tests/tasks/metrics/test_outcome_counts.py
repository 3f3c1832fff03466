"""Counts of outcomes."""

from typing import Any

import numpy as np
import pytest

from schemas.errors import BoxscoreError
from tasks.metrics.outcome_counts import METRIC, NAMES
from tests.tasks.metrics.made_up import Found, Truth, context, rows, shard

FOUND = [
    Found(0, 0, 0.9, 0, (True, False)),
    Found(0, 0, 0.8, 1, outside=2),
    Found(0, 0, 0.7, 2),
    Found(1, 1, 0.6, 0, (True, True), counted=False),
]
TRUTH = [Truth(0, 0, (True, False)), Truth(0, 0), Truth(1, 1, counted=False)]


def _counts(*shards: Any) -> dict[tuple[Any, ...], int]:
    state = METRIC.combine([METRIC.partial(part, context()) for part in shards], context())
    found = rows(list(METRIC.finish(state, context())["metrics"]))
    return {
        (row["metric"], row["category_name"], row["area_range"], row["threshold"]): row["value"]  # type: ignore[misc]
        for row in found
    }


def test_every_prediction_and_annotation_is_counted_once() -> None:
    """By class, area range and threshold: matched, outside the range, beyond max detections, ignored."""
    counts = _counts(shard(FOUND, TRUTH))

    def at(category: str | None, area_range: str, threshold: float) -> list[int]:
        return [counts[name, category, area_range, threshold] for name in NAMES]

    assert at("cup", "all", 0.5) == [1, 1, 0, 1, 1, 0]
    assert at("cup", "all", 0.75) == [0, 2, 0, 1, 2, 0]
    assert at("cup", "small", 0.5) == [1, 0, 1, 1, 1, 0]
    assert at("car", "all", 0.5) == [0, 0, 1, 0, 0, 1]
    assert at(None, "all", 0.5) == [1, 1, 1, 1, 1, 1]


def test_the_whole_is_the_sum_of_any_parts() -> None:
    """A shard may also be empty."""
    parts = [shard(FOUND[:3], TRUTH[:2]), shard([], []), shard(FOUND[3:], TRUTH[2:])]
    assert _counts(*parts) == _counts(shard(FOUND, TRUTH))


def test_outcomes_that_do_not_add_up_stop_the_run() -> None:
    """A prediction that found what nobody says was found."""
    with pytest.raises(BoxscoreError, match=r"TP \+ FN \+ ignored is not the number of annotations"):
        METRIC.partial(shard([Found(0, 0, 0.9, 0, (True, True))], []), context())


def test_counts_are_whole_numbers() -> None:
    """Also where nothing is there."""
    assert np.array_equal(list(_counts(shard([], [])).values()), np.zeros(6 * 3 * 2 * 2))
