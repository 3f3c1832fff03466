"""IoU of classes over pixels, against hotcoco and against images painted in numpy."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from schemas.judging import MeasureContext
from tasks.metrics import METRICS
from tasks.metrics.class_iou import BACKGROUND, CLASS, IGNORED, METRIC, combine, finish, partial
from tests.tasks.pixels.label_scenes import Images, confusion_of, context, made_up

MEANS = {"mIoU": "mean_iou", "fwIoU": "frequency_weighted_iou", "mAcc": "mean_accuracy", "aAcc": "pixel_accuracy"}


def tables(images: Images, knows: MeasureContext, parts: int = 1) -> Mapping[str, Any]:
    """Rows by table, from so many parts."""
    cuts = np.array_split(np.arange(len(images)), parts)
    states = [
        partial(confusion_of([images[k] for k in cut], int(cut[0]) + 1 if len(cut) else 1), knows) for cut in cuts
    ]
    made = finish(combine(states, knows), knows)
    return {name: [row for piece in pieces for row in piece.to_pylist()] for name, pieces in made.items()}


def values(images: Images, unlabelled: int) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """(means by name, numbers of each class by its name)."""
    rows = tables(images, context("semantic", unlabelled))["metrics"]
    classes: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["category"] is not None:
            classes.setdefault(row["category_name"], {})[row["metric"]] = row["value"]
    return {row["metric"]: row["value"] for row in rows if row["category"] is None}, classes


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("unlabelled", [CLASS, IGNORED])
def test_the_numbers_are_those_of_hotcoco(seed: int, unlabelled: int) -> None:
    """With background as its class 0, and with background ignored; an absent class has none."""
    semantic = pytest.importorskip("hotcoco.semantic", reason="needs hotcoco")
    images = made_up(seed, 4)
    names = ["_background", *"abcd"]
    reference = semantic.SemanticEval(names, ignore_index=None if unlabelled == CLASS else 255)
    for truth, found in images:
        truth = np.where((truth == 0) & (unlabelled == IGNORED), 255, truth)
        reference.update(truth.astype(np.uint8), found.astype(np.uint8))
    expected = reference.results()
    means, classes = values(images, unlabelled)
    if unlabelled == IGNORED:  # to hotcoco what is predicted as background is a class that nobody annotated
        kept = [row["IoU"] for row in expected["per_class"][1:] if row["IoU"] >= 0]
        expected["mIoU"] = np.mean(kept)
    assert {name: means[name] for name in MEANS.values()} == pytest.approx(
        {ours: expected[theirs] for theirs, ours in MEANS.items()}, abs=1e-12
    )
    for row in expected["per_class"][0 if unlabelled == CLASS else 1 :]:
        for metric, name in (("iou", "IoU"), ("accuracy", "Acc")):
            value = classes[row["name"]][metric]
            assert (-1.0 if value is None else value) == pytest.approx(row[name], abs=1e-12)
    assert classes["d"]["iou"] is None


def test_background_counts_against_predictions_and_is_no_class() -> None:
    """Unless told otherwise."""
    images = made_up(9, 5)
    truth, found = (np.concatenate([pair[side].ravel() for pair in images]) for side in (0, 1))
    means, classes = values(images, BACKGROUND)
    ious = {
        name: ((truth == k) & (found == k)).sum() / ((truth == k) | (found == k)).sum()
        for k, name in enumerate("abc", 1)
    }
    assert {name: classes[name]["iou"] for name in "abc"} == pytest.approx(ious, abs=1e-15)
    assert means["mean_iou"] == pytest.approx(np.mean(list(ious.values())), abs=1e-15)
    assert means["pixel_accuracy"] == (truth == found).mean()
    assert "_background" not in classes


def test_parts_make_the_whole() -> None:
    """To the bit, however the units are cut; also where a part has none."""
    images, knows = made_up(3, 7), context("semantic")
    whole = tables(images, knows)
    for parts in (2, 3, 9):
        assert tables(images, knows, parts) == whole


def test_units_come_worst_first() -> None:
    """With the share of pixels that are wrong, and the mean IoU of the classes that they show."""
    right, wrong = np.array([[1, 1, 2, 0]]), np.array([[2, 1, 1, 0]])
    rows = tables([(right, right), (right, wrong), (right * 0, right * 0)], context("semantic"))["unit_scores"]
    told = [(row["unit_key"], row["data_hash"], row["disagreement"], row["mean_iou"]) for row in rows]
    assert told == [(2, "2.jpg", 0.5, pytest.approx(1 / 6)), (1, "1.jpg", 0.0, 1.0), (3, "3.jpg", 0.0, None)]


def test_without_pixels_there_is_no_number() -> None:
    """And a reason for each."""
    rows = tables([], context("semantic"))
    assert rows["unit_scores"] == []
    assert all(row["value"] is None and row["null_reason"] for row in rows["metrics"])


def test_it_belongs_to_the_engine_of_pixels() -> None:
    """And to no other."""
    assert [engine for engine, metrics in METRICS.items() if METRIC in metrics.values()] == ["pixels"]


def test_a_class_may_be_left_out() -> None:
    """Its annotated pixels count nowhere, and it has no IoU; what is predicted as it elsewhere is wrong."""
    plain = context("semantic")
    knows = plain._replace(rules=replace(plain.rules, ignored_classes=("b",)))
    images = made_up(2, 4)
    truth, found = (np.concatenate([pair[side].ravel() for pair in images]) for side in (0, 1))
    truth, found = truth[truth != 2], found[truth != 2]
    rows = tables(images, knows)["metrics"]
    ious = {row["category_name"]: row["value"] for row in rows if row["metric"] == "iou"}
    assert list(ious) == ["a", "c", "d"]
    for name, k in (("a", 1), ("c", 3)):
        assert ious[name] == ((truth == k) & (found == k)).sum() / ((truth == k) | (found == k)).sum()
    right = next(row["value"] for row in rows if row["metric"] == "pixel_accuracy")
    assert right == (truth == found).mean()
