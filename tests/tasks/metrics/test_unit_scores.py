"""Scores of single data units."""

import pytest

from tasks.metrics.unit_scores import METRIC
from tests.tasks.metrics.made_up import Found, Truth, context, rows, shard

FOUND = [
    Found(0, 0, 0.9, 0, (True, False), similarity=0.7),
    Found(0, 0, 0.8, 1, (True, True), similarity=0.8),
    Found(0, 0, 0.7, 2),
    Found(0, 1, 0.7, 0, outside=1),
    Found(1, 1, 0.6, 0),
]
TRUTH = [Truth(0, 0, (True, False)), Truth(0, 0, (True, True)), Truth(1, 0), Truth(1, 1, counted=False), Truth(1, 1)]


def test_a_live_unit_is_a_row_of_counts_at_the_lowest_threshold() -> None:
    """Beyond max detections is in no count; mean_iou is of the true positives, and null where there is none."""
    state = METRIC.combine([METRIC.partial(shard(FOUND, TRUTH), context())], context())
    second, first = rows(list(METRIC.finish(state, context())["unit_scores"]))
    names = ("unit_key", "data_hash", "threshold", "tp", "fp", "fn", "ignored")
    assert [first[name] for name in names] == [7, "7.jpg", 0.5, 2, 0, 0, 1]
    assert [second[name] for name in names] == [8, "8.jpg", 0.5, 0, 1, 2, 0]
    assert (first["mean_iou"], second["mean_iou"]) == (pytest.approx(0.75), None)


def test_units_of_several_shards_stand_together() -> None:
    """As they would from one."""
    parts = [shard(FOUND[:4], TRUTH[:2]), shard(FOUND[4:], [Truth(1, 0), Truth(1, 1, counted=False), Truth(1, 1)])]
    whole = METRIC.combine([METRIC.partial(shard(FOUND, TRUTH), context())], context())
    together = METRIC.combine([METRIC.partial(part, context()) for part in parts], context())
    assert [rows(list(METRIC.finish(state, context())["unit_scores"])) for state in (together,)] == [
        rows(list(METRIC.finish(whole, context())["unit_scores"]))
    ]


def test_the_worst_units_come_first() -> None:
    """Disagreement is the share of the judged objects that are false or missed, null where nothing is judged."""
    found = [Found(0, 0, 0.9, 0, (True, True), similarity=0.9), Found(0, 0, 0.8, 1)]
    for truth, shares in (
        ([Truth(0, 0, (True, True)), Truth(1, 0)], [1.0, 0.5]),
        ([Truth(0, 0, (True, True))], [0.5, None]),
    ):
        state = METRIC.combine([METRIC.partial(shard(found, truth), context())], context())
        scores = rows(list(METRIC.finish(state, context())["unit_scores"]))
        assert [row["disagreement"] for row in scores] == shares
