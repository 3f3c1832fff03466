"""Numbers over scores against scikit-learn and, for calibration, plain Python."""

import math
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from tasks.metrics.answer_scores import METRIC
from tests.answer_zoo import OPTIONS, Given, Scene, best, made_up, samples


def matrices(scene: Scene, question: str) -> tuple[np.ndarray, np.ndarray]:
    """(bool[n, K] annotated, float[n, K] score) over frames; an option that is not given has 0."""
    pairs, options = samples(scene, question), OPTIONS[question]
    annotated = np.array([[option in ours for option in options] for ours, _ in pairs])
    return annotated, np.array([[theirs.get(option, 0.0) for option in options] for _, theirs in pairs])


@pytest.mark.parametrize("question", ["kind", "grade", "parts", "size"])
@pytest.mark.parametrize("seed", range(4))
def test_areas_are_those_of_scikit_learn(seed: int, question: str) -> None:
    """Scores tie often, and many options are not given."""
    scene = made_up(seed)
    values, (annotated, scores) = scene.values(METRIC), matrices(scene, question)
    areas = []
    for k, option in enumerate(OPTIONS[question]):
        truth = annotated[:, k]
        mixed = truth.any() and not truth.all()
        areas.append(roc_auc_score(truth, scores[:, k]) if mixed else None)
        assert values["roc_auc", option] == (pytest.approx(areas[-1], abs=1e-12) if mixed else None)
        precision = average_precision_score(truth, scores[:, k]) if truth.any() else None
        assert values["pr_auc", option] == (pytest.approx(precision, abs=1e-12) if truth.any() else None)
    there = [area for area in areas if area is not None]
    assert values["macro_roc_auc", question] == pytest.approx(np.mean(there), abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_the_mean_average_precision_of_checklists_is_scikit_learn_s(seed: int) -> None:
    """Its macro average."""
    scene = made_up(seed)
    expected = average_precision_score(*matrices(scene, "parts"), average="macro")
    assert scene.values(METRIC)["checklist_mAP", None] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_the_brier_score_is_the_squared_distance(seed: int) -> None:
    """Summed over options, the mean over frames."""
    scene = made_up(seed)
    values, every = scene.values(METRIC), []
    for question in ("kind", "grade", "size"):
        annotated, scores = matrices(scene, question)
        squares = ((annotated - scores) ** 2).sum(axis=1)
        assert values["brier", question] == pytest.approx(squares.mean(), abs=1e-12)
        every += squares.tolist()
    assert values["brier", None] == pytest.approx(np.mean(every), abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_top_3_is_right_where_the_annotated_option_is_among_the_first_three(seed: int) -> None:
    """Ties fall in the order of the ontology; an option that is not given is not among them."""
    scene = made_up(seed)
    hits = []
    for ours, theirs in samples(scene, "kind"):
        ranked = sorted(theirs, key=lambda option: (-theirs[option], OPTIONS["kind"].index(option)))
        hits.append(next(iter(ours)) in ranked[:3])
    assert scene.values(METRIC)["top_3_accuracy", "kind"] == pytest.approx(np.mean(hits), abs=1e-12)


def calibration(pairs: list[tuple[float, bool]]) -> tuple[float, float]:
    """(ECE, MCE) over 15 bins (l, r], frame by frame."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for score, right in pairs:
        place = next(b for b, edge in enumerate(np.linspace(0, 1, 16)[1:]) if score <= edge)
        bins.setdefault(place, []).append((score, right))
    gaps = [(abs(np.mean([r for _, r in rows]) - np.mean([s for s, _ in rows])), len(rows)) for rows in bins.values()]
    return sum(gap * n for gap, n in gaps) / len(pairs), max(gap for gap, _ in gaps)


@pytest.mark.parametrize("seed", range(4))
def test_calibration_is_that_of_the_frames(seed: int) -> None:
    """Of the best option, where there is one; scores of .2 and .4 lie on edges."""
    scene = made_up(seed)
    values, every = scene.values(METRIC), []
    for question in ("kind", "grade", "size"):
        chosen = [(ours, theirs, best(theirs, question)) for ours, theirs in samples(scene, question) if theirs]
        pairs = [(theirs[option], option in ours) for ours, theirs, option in chosen if option is not None]
        assert (values["ECE", question], values["MCE", question]) == pytest.approx(calibration(pairs), abs=1e-12)
        every += pairs
    assert (values["ECE", None], values["MCE", None]) == pytest.approx(calibration(every), abs=1e-12)


def test_numbers_are_those_of_all_buckets() -> None:
    """To the bit."""
    scene = made_up(7)
    assert scene.measured(METRIC, 8) == scene.measured(METRIC)


def by_place(scene: Scene) -> dict[Any, Any]:
    """Rows by metric and class."""
    return {(row["metric"], row["category_name"]): row for row in scene.measured(METRIC)["metrics"]}


@pytest.mark.parametrize("score", [None, 1.5, -0.25])
def test_a_prediction_without_a_score_between_0_and_1_undefines_its_question_s_numbers(score: float | None) -> None:
    """Those of others stay."""
    annotated = [Given("image0", "kind", "a", 0, 0), Given("image0", "parts", "p", 0, 0)]
    scene = Scene(annotated, [Given("image0", "kind", "a", 0, 0, score), Given("image0", "parts", "p", 0, 0, 0.5)])
    rows = by_place(scene)
    for metric in ("brier", "ECE", "top_3_accuracy", "macro_pr_auc"):
        assert rows[metric, "kind"]["value"] is None
        assert rows[metric, "kind"]["null_reason"] == "a prediction has no score between 0 and 1"
    assert rows["checklist_mAP", None]["value"] == 1


def test_without_frames_there_are_no_numbers() -> None:
    """Nulls with reasons, never NaN."""
    for scene in (Scene(), made_up(2, scored=False)):
        rows = by_place(scene).values()
        assert all((row["value"] is None) == (row["null_reason"] is not None) for row in rows)
        assert not any(row["value"] is not None and math.isnan(row["value"]) for row in rows)
