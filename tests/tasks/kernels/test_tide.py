"""Reasons of false positives: by hand, and against tidecv 1.0.1 where that is installed."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from tasks.kernels.tide import BACKGROUND, BOTH, CLASS, DUPLICATE, LOCATION, NO_ERROR
from tests.coco_zoo import CocoSet, coco_set
from tests.tasks.kernels.coco_run import match_bucket
from tests.tasks.kernels.scenes import Box, match_scene

BOX = (0.0, 0.0, 10.0, 10.0)
NEAR = (0.0, 0.0, 10.0, 9.0)
QUARTER = (0.0, 0.0, 10.0, 2.5)
TENTH = (0.0, 0.0, 10.0, 1.0)
FAR = (50.0, 50.0, 10.0, 10.0)
CODES = {"Cls": CLASS, "Loc": LOCATION, "Both": BOTH, "Dupe": DUPLICATE, "Bkg": BACKGROUND}


@pytest.mark.parametrize(
    ("box", "category", "reason"),
    [
        (NEAR, 0, NO_ERROR),
        (QUARTER, 0, LOCATION),
        (TENTH, 0, LOCATION),
        (NEAR, 1, CLASS),
        (QUARTER, 1, BOTH),
        (TENTH, 1, BACKGROUND),
        (FAR, 0, BACKGROUND),
    ],
)
def test_reason_follows_overlap_and_class(box: Box, category: int, reason: int) -> None:
    """One annotation of class 0: the reason depends on how near the detection is and on its class; bounds at .1 too."""
    assert match_scene([box], [BOX], dt_category=[category]).error.tolist() == [reason]


def test_second_detection_of_a_found_annotation_is_a_duplicate() -> None:
    """Near enough to an annotation that another found: Dupe."""
    assert match_scene([BOX, NEAR], [BOX]).error.tolist() == [NO_ERROR, DUPLICATE]


def test_duplicate_exactly_at_the_threshold_is_misplaced() -> None:
    """tidecv asks for the location first and counts IoU equal to the threshold in: Loc, not Dupe."""
    assert match_scene([BOX, (0.0, 0.0, 10.0, 5.0)], [BOX]).error.tolist() == [NO_ERROR, LOCATION]


def test_wrong_class_goes_before_duplicate() -> None:
    """Near a found annotation of its class and as near to one of another class: Cls."""
    matches = match_scene([BOX, NEAR], [BOX, NEAR], gt_category=[0, 1])
    assert matches.error.tolist() == [NO_ERROR, CLASS]


def test_ignored_and_crowd_annotations_explain_nothing() -> None:
    """Overlap with an ignored annotation of another class, or a crowd, leaves a false positive on the background."""
    matches = match_scene([BOX], [BOX, NEAR], gt_category=[1, 1], gt_outside=[1, 0], crowd=[False, True])
    assert matches.error.tolist() == [BACKGROUND]


def test_ignored_detections_have_no_reason() -> None:
    """A detection matched to an ignored annotation, or unmatched with its area outside the range, is no error."""
    assert match_scene([BOX], [BOX], gt_outside=[1]).error.tolist() == [NO_ERROR]
    assert match_scene([FAR], [BOX], dt_outside=[1]).error.tolist() == [NO_ERROR]


@pytest.mark.parametrize("seed", range(30))
def test_reasons_are_those_of_tidecv(seed: int) -> None:
    """Per reason the same number of false positives, on sets without crowds, ties or overfull images.

    tidecv takes the first of equal IoUs and cuts at 100 detections an image, where COCO's rules do not.
    """
    tidecv = pytest.importorskip("tidecv", reason="needs tidecv 1.0.1, which is no dependency")
    coco = without_ties(coco_set(seed))
    images = np.array(sorted(image["id"] for image in coco.ground_truth["images"]))
    error = match_bucket(coco, images, thresholds=np.array([0.5])).matches.error
    run = tidecv.TIDE(pos_threshold=0.5).evaluate(*as_tide(tidecv, coco))
    expected = Counter(
        {CODES[kind.short_name]: len(found) for kind, found in run.error_dict.items() if kind.short_name in CODES}
    )
    assert Counter(error[error > 0].tolist()) == +expected


def without_ties(coco: CocoSet) -> CocoSet:
    """The set without crowds and repeated annotations, at most 100 detections an image, all scores distinct."""
    seen: set[tuple[float, ...]] = set()
    annotations = []
    for annotation in coco.ground_truth["annotations"]:
        key = (annotation["image_id"], annotation["category_id"], *annotation["bbox"])
        if not annotation["iscrowd"] and key not in seen:
            annotations.append({**annotation, "area": annotation["bbox"][2] * annotation["bbox"][3]})
            seen.add(key)
    results, count = [], Counter[int]()
    for place, result in enumerate(coco.results):
        count[result["image_id"]] += 1
        if count[result["image_id"]] <= 100:
            results.append({**result, "score": result["score"] + place * 1e-7})
    return CocoSet({**coco.ground_truth, "annotations": annotations}, results)


def as_tide(tidecv: Any, coco: CocoSet) -> tuple[Any, Any]:
    """Ground truth and detections in tidecv's own classes."""
    truth, found = tidecv.Data("truth"), tidecv.Data("found")
    for image in coco.ground_truth["images"]:
        truth.add_image(image["id"], "")
    for a in coco.ground_truth["annotations"]:
        truth.add_ground_truth(a["image_id"], a["category_id"], a["bbox"])
    for d in coco.results:
        found.add_detection(d["image_id"], d["category_id"], d["score"], d["bbox"])
    return truth, found
