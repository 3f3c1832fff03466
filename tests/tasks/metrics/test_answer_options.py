"""Precision, recall and F1 of options against scikit-learn, and who was taken for whom."""

from collections import Counter

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from tasks.metrics.answer_options import METRIC
from tests.answer_zoo import OPTIONS, Given, Scene, best, by_frame, made_up, samples

WORDS = ("precision", "recall", "f1")
NOTHING = "none"


def pairs_of(scene: Scene, question: str) -> list[tuple[str, str]]:
    """(annotated, predicted) option of each frame; NOTHING where it is not predicted."""
    return [(next(iter(ours)), best(theirs, question) or NOTHING) for ours, theirs in samples(scene, question)]


def averages(values: dict[tuple[str, str | None], float | None], where: str | None, average: str) -> list[float | None]:
    """Precision, recall and F1 of a question."""
    return [values[f"{average}_{word}", where] for word in WORDS]


@pytest.mark.parametrize("seed", range(6))
def test_averages_over_radios_are_those_of_scikit_learn(seed: int) -> None:
    """Over the options that either side has; each question by itself, and all of them together."""
    scene = made_up(seed)
    values = scene.values(METRIC)
    each = {question: pairs_of(scene, question) for question in ("kind", "grade", "size")}
    every = [pair for pairs in each.values() for pair in pairs]
    for where, pairs in {**each, None: every}.items():
        ours, theirs = zip(*pairs, strict=True)
        there = sorted({*ours, *theirs} - {NOTHING})
        for average in ("micro", "macro", "weighted"):
            expected = precision_recall_fscore_support(ours, theirs, labels=there, average=average, zero_division=0)
            assert averages(values, where, average) == pytest.approx(expected[:3], abs=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_options_are_those_of_scikit_learn(seed: int) -> None:
    """Where scikit-learn divides by zero, there is no number."""
    scene = made_up(seed)
    values = scene.values(METRIC)
    for question in ("kind", "grade", "size"):
        ours, theirs = zip(*pairs_of(scene, question), strict=True)
        options = list(OPTIONS[question])
        expected = precision_recall_fscore_support(ours, theirs, labels=options, zero_division=np.nan)
        for word, column in zip(WORDS, expected[:3], strict=True):
            found = [values[word, option] for option in options]
            assert [np.nan if value is None else value for value in found] == pytest.approx(column, nan_ok=True)


@pytest.mark.parametrize("seed", range(6))
def test_ticked_options_are_those_of_scikit_learn(seed: int) -> None:
    """Each option of a checklist by itself, and averaged."""
    scene = made_up(seed)
    values, options = scene.values(METRIC), OPTIONS["parts"]
    sides = [np.array([[o in pair[k] for o in options] for pair in samples(scene, "parts")]) for k in (0, 1)]
    expected = precision_recall_fscore_support(*sides, zero_division=np.nan)
    for word, column in zip(WORDS, expected[:3], strict=True):
        assert [values[word, option] for option in options] == pytest.approx(column.tolist())
    for average in ("micro", "macro", "weighted"):
        expected = precision_recall_fscore_support(*sides, average=average, zero_division=0)
        assert averages(values, "parts", average) == pytest.approx(expected[:3], abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_confusion_is_that_of_the_frames(seed: int) -> None:
    """What one side alone answers is in the row or column of none; checklists are not in it."""
    scene = made_up(seed)
    annotated, predicted = by_frame(scene.annotated), by_frame(scene.predicted)
    expected = Counter(
        (
            next(iter(annotated.get(place, {}).get(frame, {})), None),
            best(predicted.get(place, {}).get(frame, {}), place[1]),
        )
        for place in {*annotated, *predicted}
        if place[1] in {"kind", "grade", "size"}
        for frame in {*annotated.get(place, {}), *predicted.get(place, {})}
    )
    name = {row["category_key"]: row["name"] for row in scene.categories.to_pylist()} | {-1: None}
    rows = scene.measured(METRIC)["confusion"]
    found = {(name[row["ground_truth_category"]], name[row["predicted_category"]]): row["n"] for row in rows}
    assert found == expected
    values = scene.values(METRIC)
    for option in OPTIONS["kind"]:
        row = sum(n for (ours, _), n in found.items() if ours == option)
        column = sum(n for (ours, theirs), n in found.items() if theirs == option and ours is not None)
        assert row == (values["TP", option] or 0) + (values["FN", option] or 0)
        assert column == (values["TP", option] or 0) + (values["FP", option] or 0)


def test_numbers_are_those_of_all_buckets() -> None:
    """To the bit, the confusion too."""
    scene = made_up(7)
    assert scene.measured(METRIC, 8) == scene.measured(METRIC)


def test_undefined_is_null_with_its_reason() -> None:
    """Never predicted: no precision; neither side: no F1."""
    scene = Scene([Given("image0", "kind", "a", 0, 0)])
    rows = {(row["metric"], row["category_name"]): row for row in scene.measured(METRIC)["metrics"]}
    assert rows["precision", "a"]["null_reason"] == "it is predicted on no frame that counts"
    assert (rows["recall", "a"]["value"], rows["f1", "a"]["value"], rows["f1", "b"]["value"]) == (0, 0, None)
    assert rows["macro_f1", "size"]["null_reason"].startswith("neither side")
    assert all((row["value"] is None) == (row["null_reason"] is not None) for row in rows.values())
