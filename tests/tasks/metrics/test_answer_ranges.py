"""Ranges in time against a matching and an area in plain Python."""

from typing import Any

import numpy as np
import pytest

from tasks.metrics.answer_ranges import METRIC
from tests.answer_zoo import OPTIONS, QUESTIONS, Given, Scene, by_frame, made_up

TIMED = ("video", "clip")
THRESHOLDS = [float(t) for t in np.linspace(0.5, 0.95, 10)]
Event = tuple[str, int, int, float | None]
"""Sequence, first and last frame, score."""


def events(rows: list[Given], question: str, option: str) -> list[Event]:
    """Runs of frames of one option and score."""
    found: list[Event] = []
    for (sequence, asked), frames in by_frame(rows).items():
        if asked != question or sequence not in TIMED:
            continue
        last: Event | None = None
        for frame in sorted(frames):
            if option not in frames[frame]:
                continue
            score = frames[frame][option]
            if last is not None and last[2] == frame - 1 and last[3] == score:
                found.pop()
                last = (sequence, last[1], frame, score)
            else:
                last = (sequence, frame, frame, score)
            found.append(last)
    return found


def iou(a: Event, b: Event) -> float:
    """Frames in both by frames in either."""
    ours, theirs = set(range(a[1], a[2] + 1)), set(range(b[1], b[2] + 1))
    return len(ours & theirs) / len(ours | theirs) if a[0] == b[0] else 0.0


def average_precision(annotated: list[Event], predicted: list[Event], threshold: float) -> float | None:
    """As ActivityNet's evaluation."""
    if not annotated:
        return None
    free, hits = list(annotated), []
    for event in sorted(predicted, key=lambda e: (-(e[3] or 0), TIMED.index(e[0]), e[1])):
        near = [other for other in free if iou(event, other) >= threshold]
        if near:
            free.remove(max(near, key=lambda other: iou(event, other)))
        hits.append(bool(near))
    true = np.cumsum(hits)
    precision = true / np.arange(1, len(hits) + 1)
    steps = [precision[k:].max() for k, hit in enumerate(hits) if hit]
    return sum(steps) / len(annotated)


def by_place(scene: Scene, buckets: int = 1) -> dict[Any, Any]:
    """Value by class and threshold."""
    rows = scene.measured(METRIC, buckets)["metrics"]
    return {(row["category_name"], row["threshold"]): row["value"] for row in rows}


@pytest.mark.parametrize("seed", range(6))
def test_the_average_precision_of_ranges_is_that_of_plain_python(seed: int) -> None:
    """Every option of radios and checklists at every threshold, and their means."""
    scene = made_up(seed)
    found, every = by_place(scene), {}
    for question in QUESTIONS:
        for option in OPTIONS.get(question, ""):
            sides = [events(rows, question, option) for rows in (scene.annotated, scene.predicted)]
            for threshold in THRESHOLDS:
                expected = average_precision(*sides, threshold)
                assert found[option, threshold] == (None if expected is None else pytest.approx(expected, abs=1e-12))
                if expected is not None:
                    every[option, threshold] = expected
    assert found[None, None] == pytest.approx(np.mean(list(every.values())), abs=1e-12)
    at_half = [value for (_, threshold), value in every.items() if threshold == 0.5]
    assert found[None, 0.5] == pytest.approx(np.mean(at_half), abs=1e-12)


def test_ends_are_inclusive_and_equality_is_enough() -> None:
    """Frames 0 to 9 and 5 to 9: half."""
    scene = Scene([Given("video", "kind", "a", 0, 9)], [Given("video", "kind", "a", 5, 9, 0.5)])
    found = by_place(scene)
    assert (found["a", 0.5], found["a", THRESHOLDS[1]], found["b", 0.5]) == (1, 0, None)


def test_touching_ranges_of_one_score_are_one_event() -> None:
    """Cut in the middle it is the same; with another score it is two."""
    truth = [Given("video", "kind", "a", 0, 4), Given("video", "kind", "a", 5, 9)]
    for scores, expected in (((0.5, 0.5), 1.0), ((0.5, 0.25), 0.0)):
        found = [Given("video", "kind", "a", 0, 4, scores[0]), Given("video", "kind", "a", 5, 9, scores[1])]
        assert by_place(Scene(truth, found))["a", 0.95] == expected


def test_images_are_no_ranges() -> None:
    """Nor are groups of them."""
    scene = Scene([Given("group", "kind", "a", 0, 2)], [Given("group", "kind", "a", 0, 2, 0.5)])
    rows = scene.measured(METRIC)["metrics"]
    assert {row["null_reason"] for row in rows} == {"no event of it is annotated in a video or audio"}


def test_without_scores_there_is_no_order() -> None:
    """Null with its reason, where something is predicted."""
    scene = Scene([Given("video", "kind", "a", 0, 2)], [Given("video", "kind", "a", 0, 2)])
    rows = {(row["metric"], row["category_name"]): row for row in scene.measured(METRIC)["metrics"]}
    assert rows["temporal_AP", None]["null_reason"] == rows["temporal_AP", "a"]["null_reason"]
    assert rows["temporal_AP", "a"]["null_reason"] == "a prediction has no score"


def test_numbers_are_those_of_all_buckets() -> None:
    """To the bit."""
    scene = made_up(7)
    assert scene.measured(METRIC, 8) == scene.measured(METRIC)
