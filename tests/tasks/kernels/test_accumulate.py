"""Precision, recall and scores against pycocotools' accumulate, whole arrays, to the bit."""

from typing import Any

import numpy as np
import pytest

from tasks.kernels.accumulate import Curves
from tests.coco_zoo import CocoSet, coco_set
from tests.oracle import Said, pycocotools_says
from tests.tasks.kernels.coco_run import evaluate

PERFECT = 1 / (1 + 2**-52)
"""One true positive of one, by COCO's tp / (fp + tp + eps)."""
CHOICES: dict[str, dict[str, Any]] = {
    "thresholds": {"thresholds": [0.5, 0.3, 1.0, 0.75]},
    "threshold zero": {"thresholds": [0.0]},
    "area ranges": {"area_ranges": [(0, 1e10), (1024, 1024), (9216, 9216), (50, 2000), (1e8, 1e9)]},
    "max detections": {"max_detections": [2, 3, 40, 1000]},
    "no detections at all": {"max_detections": [0, 1]},
    "recall points": {"recall_points": [0.0, 1 / 3, 0.5, 2 / 3, 0.999, 1.0]},
}


def assert_equal(ours: Curves, said: Said) -> None:
    """All three arrays are equal to the bit."""
    assert np.array_equal(ours.precision, said.precision)
    assert np.array_equal(ours.recall, said.recall)
    assert np.array_equal(ours.scores, said.scores)


@pytest.mark.parametrize("seed", range(80))
def test_curves_have_the_bits_of_pycocotools(seed: int) -> None:
    """The whole zoo: every number equal, and -1 in the same places."""
    coco = coco_set(seed)
    assert_equal(evaluate(coco), pycocotools_says(*coco))


@pytest.mark.parametrize("seed", [1, 3, 7, 16, 19])
@pytest.mark.parametrize("choice", CHOICES)
def test_curves_follow_other_parameters(choice: str, seed: int) -> None:
    """Other thresholds, area ranges, max detections and recall points: every number equal."""
    coco = coco_set(seed)
    assert_equal(evaluate(coco, **CHOICES[choice]), pycocotools_says(*coco, **CHOICES[choice]))


@pytest.mark.parametrize("seed", range(200, 212))
def test_number_of_buckets_changes_no_bit(seed: int) -> None:
    """Images dealt out to 1, 2, 4 or 16 buckets, some of them empty, give identical arrays."""
    coco = coco_set(seed)
    whole = evaluate(coco)
    for n_buckets in (2, 4, 16):
        parts = evaluate(coco, n_buckets=n_buckets)
        assert all(np.array_equal(a, b) for a, b in zip(whole, parts, strict=True))


def image(annotations: list[dict[str, Any]], results: list[dict[str, Any]]) -> CocoSet:
    """One image and one class; records need a box and an area or score."""
    ground_truth = {
        "images": [{"id": 1, "width": 100, "height": 100}],
        "categories": [{"id": 1, "name": "thing"}],
        "annotations": [
            {"id": i + 1, "image_id": 1, "category_id": 1, "iscrowd": 0, **a} for i, a in enumerate(annotations)
        ],
    }
    return CocoSet(ground_truth, [{"image_id": 1, "category_id": 1, **r} for r in results])


@pytest.mark.parametrize(("area", "counts"), [(1024.0, [1, 1, 1, 0]), (9216.0, [1, 0, 1, 1]), (1024.5, [1, 0, 1, 0])])
def test_area_bounds_belong_to_both_ranges(area: float, counts: list[int]) -> None:
    """An annotation of 32² px² counts as small and as medium, one of 96² as medium and as large."""
    box = [0, 0, 10, 10]
    curves = evaluate(image([{"bbox": box, "area": area}], [{"bbox": box, "score": 0.5}]))
    assert curves.recall[0, 0, :, 2].tolist() == [1.0 if c else -1.0 for c in counts]


def test_class_without_positives_has_no_value() -> None:
    """Only a crowd, and detections: -1 throughout."""
    box = [0, 0, 10, 10]
    curves = evaluate(image([{"bbox": box, "area": 100, "iscrowd": 1}], [{"bbox": box, "score": 0.5}]))
    assert all((array == -1).all() for array in curves)


def test_positives_without_detections_are_zero() -> None:
    """An annotation and no detection: recall, precision and scores 0."""
    curves = evaluate(image([{"bbox": [0, 0, 10, 10], "area": 100}], []))
    assert all((array[..., 0, 0, :] == 0).all() for array in curves)


def test_recall_zero_has_the_score_of_the_very_first_detection() -> None:
    """The best scored detection gives its score to recall 0, though it is ignored for its crowd."""
    coco = image(
        [{"bbox": [0, 0, 10, 10], "area": 100}, {"bbox": [50, 50, 20, 20], "area": 400, "iscrowd": 1}],
        [{"bbox": [50, 50, 10, 10], "score": 0.9}, {"bbox": [0, 0, 10, 10], "score": 0.4}],
    )
    curves = evaluate(coco)
    assert curves.scores[0, :2, 0, 0, 2].tolist() == [0.9, 0.4]
    assert curves.precision[0, :2, 0, 0, 2].tolist() == [PERFECT, PERFECT]


def test_unmatched_detection_after_the_last_event_lowers_nothing() -> None:
    """A false positive behind every true one leaves precision as it was."""
    box = [0, 0, 10, 10]
    results = [{"bbox": box, "score": 0.9}, {"bbox": [50, 50, 9, 9], "score": 0.1}]
    assert (evaluate(image([{"bbox": box, "area": 100}], results)).precision[:, :, 0, 0, 2] == PERFECT).all()


@pytest.mark.parametrize("seed", [1, 4, 8])
def test_id_zero_is_an_id_like_any_other(seed: int) -> None:
    """The numbers are those of the same set without the id 0; pycocotools takes the match of id 0 for none."""
    coco, zero = coco_set(seed), coco_set(seed, id_zero=True)
    said = pycocotools_says(*coco)
    assert_equal(evaluate(zero), said)
    assert not np.array_equal(said.precision, pycocotools_says(*zero).precision)
