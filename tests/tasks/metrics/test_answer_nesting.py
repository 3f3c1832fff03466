"""Nested answers against the frames themselves."""

import pytest

from tasks.metrics.answer_nesting import METRIC
from tests.answer_zoo import PARENTS, QUESTIONS, Given, Scene, best, by_frame, made_up

ASKED_BY = {"grade": "kind", "size": "parts"}


def counts(scene: Scene, child: str) -> tuple[int, int, int]:
    """Frames on which the child is annotated, its parent right too, and both right."""
    annotated, predicted = by_frame(scene.annotated), by_frame(scene.predicted)
    parent, option = ASKED_BY[child], PARENTS[child]
    total = [0, 0, 0]
    for (sequence, asked), frames in annotated.items():
        for frame, answer in frames.items() if asked == child else ():
            ours = annotated.get((sequence, parent), {}).get(frame, {})
            theirs = predicted.get((sequence, parent), {}).get(frame, {})
            chosen = {best(theirs, parent)} if QUESTIONS[parent] == "radio" else set(theirs)
            right = option in ours and option in chosen
            child_right = best(predicted.get((sequence, child), {}).get(frame, {}), child) in answer
            total = [total[0] + 1, total[1] + right, total[2] + (right and child_right)]
    return total[0], total[1], total[2]


@pytest.mark.parametrize("seed", range(8))
def test_children_are_right_as_often_as_their_frames_say(seed: int) -> None:
    """Under a radio and under a checklist, and all of them together."""
    scene = made_up(seed)
    values = scene.values(METRIC)
    every = [counts(scene, child) for child in ASKED_BY]
    for where, (annotated, parent, both) in zip(
        [*ASKED_BY, None], [*every, [sum(column) for column in zip(*every, strict=True)]], strict=True
    ):
        assert values["joint", where] == both / annotated
        assert values["child_given_parent", where] == (both / parent if parent else None)


def test_some_parents_and_children_are_right() -> None:
    """So that the test above is not about zeros."""
    both = [counts(made_up(seed), child)[2] for seed in range(8) for child in ASKED_BY]
    assert sum(n > 0 for n in both) > 2


def test_numbers_are_those_of_all_buckets() -> None:
    """To the bit."""
    scene = made_up(7)
    assert scene.measured(METRIC, 8) == scene.measured(METRIC)


def test_undefined_is_null_with_its_reason() -> None:
    """No child is annotated, or no parent is right."""
    reasons = {row["metric"]: row["null_reason"] for row in Scene().measured(METRIC)["metrics"]}
    assert reasons == dict.fromkeys(("child_given_parent", "joint"), "no nested question is annotated")
    scene = Scene([Given("image0", "grade", "x", 0, 0)], [Given("image0", "grade", "x", 0, 0, 0.5)])
    rows = {(row["metric"], row["category_name"]): row for row in scene.measured(METRIC)["metrics"]}
    assert rows["child_given_parent", None]["null_reason"].startswith("its parent is right on no frame")
    assert rows["joint", "grade"]["value"] == 0
