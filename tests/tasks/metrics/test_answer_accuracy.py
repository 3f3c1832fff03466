"""Accuracy of answers against scikit-learn and rapidfuzz, frame by frame."""

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein
from sklearn.metrics import accuracy_score, hamming_loss

from tasks.metrics.answer_accuracy import METRIC
from tests.answer_zoo import OPTIONS, QUESTIONS, Given, Scene, best, by_frame, made_up, samples


def exact(value: float | None) -> object:
    """Within rounding of the order of a sum."""
    return pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_radios_are_as_accurate_as_scikit_learn_says(seed: int) -> None:
    """A frame without prediction is wrong; each question, and all of them together."""
    scene = made_up(seed)
    values, every = scene.values(METRIC), []
    for question in ("kind", "grade", "size"):
        pairs = [(next(iter(ours)), best(theirs, question) or "-") for ours, theirs in samples(scene, question)]
        assert values["accuracy", question] == exact(accuracy_score(*zip(*pairs, strict=True)))
        every += pairs
    assert values["accuracy", None] == exact(accuracy_score(*zip(*every, strict=True)))


def indicators(scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    """bool[n, 3] of the checklist's annotated and predicted options."""
    pairs = samples(scene, "parts")
    return tuple(np.array([[o in pair[k] for o in OPTIONS["parts"]] for pair in pairs]) for k in (0, 1))


@pytest.mark.parametrize("seed", range(5))
def test_checklists_are_as_accurate_as_scikit_learn_says(seed: int) -> None:
    """Subset accuracy and Hamming loss."""
    scene = made_up(seed)
    values, sides = scene.values(METRIC), indicators(scene)
    for place in ("parts", None):
        assert values["subset_accuracy", place] == exact(accuracy_score(*sides))
        assert values["hamming_loss", place] == exact(hamming_loss(*sides))


@pytest.mark.parametrize("seed", range(5))
def test_texts_are_compared_frame_by_frame(seed: int) -> None:
    """A text that is not there is not alike at all."""
    scene = made_up(seed)
    pairs = [(next(iter(ours)), next(iter(theirs), None)) for ours, theirs in samples(scene, "notes")]
    alike = [0.0 if b is None else Levenshtein.normalized_similarity(a, b) for a, b in pairs]
    values = scene.values(METRIC)
    assert values["text_exact", None] == exact(np.mean([a == b for a, b in pairs]))
    assert values["text_similarity", "notes"] == exact(np.mean(alike))


@pytest.mark.parametrize("seed", range(3))
def test_frames_add_up(seed: int) -> None:
    """Right, wrong and missing are the annotated frames, and with the unannotated all."""
    scene = made_up(seed)
    values, annotated, predicted = scene.values(METRIC), by_frame(scene.annotated), by_frame(scene.predicted)
    for question in QUESTIONS:
        ours, theirs = (
            {(sequence, frame) for (sequence, asked), frames in side.items() if asked == question for frame in frames}
            for side in (annotated, predicted)
        )
        counts = [values[f"{word}_frames", question] for word in ("right", "wrong", "missing", "unannotated")]
        assert sum(counts[:3]) == len(ours)
        assert sum(counts) == len(ours | theirs)
        assert values["unmatched_frames", question] == 0


def test_numbers_are_those_of_all_buckets() -> None:
    """To the bit."""
    scene = made_up(7)
    assert scene.measured(METRIC, 8) == scene.measured(METRIC)


def test_what_is_annotated_nowhere_has_no_number() -> None:
    """Null with its reason; an answer that nobody asked for is counted apart."""
    scene = Scene([Given("image0", "kind", "a", 0, 0)], [Given("image1", "parts", "p", 0, 0, 0.5)])
    rows = {(row["metric"], row["category_name"]): row for row in scene.measured(METRIC)["metrics"]}
    assert rows["accuracy", None]["value"] == 0
    assert rows["subset_accuracy", None]["value"] is None
    assert rows["subset_accuracy", None]["null_reason"] == "the question is annotated on no frame"
    assert rows["unannotated_frames", "parts"]["value"] == 1
    assert rows["attribute_accuracy", None]["null_reason"].startswith("no attribute")
    assert (rows["accuracy", None]["n_ground_truth"], rows["subset_accuracy", "parts"]["n_predictions"]) == (1, 1)
    assert all(row["value"] in {0, None} for row in Scene().measured(METRIC)["metrics"])
