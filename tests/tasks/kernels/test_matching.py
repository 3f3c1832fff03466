"""Matching against pycocotools' evaluateImg on the zoo, and rule by rule on scenes made by hand."""

from collections.abc import Sequence

import numpy as np
import pytest

from tests.coco_zoo import CocoSet, coco_set
from tests.oracle import pycocotools_says
from tests.tasks.kernels.coco_run import AREA_RANGES, THRESHOLDS, match_bucket
from tests.tasks.kernels.scenes import match_scene

BOX = (0.0, 0.0, 10.0, 10.0)
NEAR = (0.0, 0.0, 10.0, 9.0)
HALF = (0.0, 0.0, 10.0, 5.0)


def assert_as_pycocotools(
    coco: CocoSet, thresholds: np.ndarray, area_ranges: Sequence[tuple[float, float]], max_detections: int
) -> None:
    """Compare who matched whom, and what is ignored, in every image, class, area range and threshold."""
    images = np.array(sorted(image["id"] for image in coco.ground_truth["images"]))
    bucket = match_bucket(
        coco, images, thresholds=thresholds, area_ranges=area_ranges, max_detections=max_detections, floor=0.0
    )
    said = pycocotools_says(
        *coco, thresholds=thresholds.tolist(), area_ranges=area_ranges, max_detections=[max_detections]
    )
    ids = np.array([a["id"] for a in coco.ground_truth["annotations"]] + [0])
    shape = (len(bucket.dt_row), len(area_ranges), len(thresholds))
    found, counted = np.zeros(shape, int), np.empty(shape, bool)
    inside = (bucket.outside[:, None] >> np.arange(len(area_ranges), dtype=np.uint64)) & np.uint64(1) == 0
    counted[:] = inside[:, :, None]
    matches = bucket.matches
    annotation_ids = np.append(ids[bucket.gt_row], 0)
    found[matches.rows], counted[matches.rows] = annotation_ids[matches.matched], matches.counted
    by_result = {row + 1: place for place, row in enumerate(bucket.dt_row)}
    by_annotation = {int(ids[row]): place for place, row in enumerate(bucket.gt_row)}
    detection_ids = np.append(bucket.dt_row + 1, 0)
    n_seen = 0
    for said_image, a in zip(said.eval_imgs, area_axis(coco, len(area_ranges)), strict=True):
        if said_image is None:
            continue
        places = [by_result[i] for i in said_image["dtIds"]]
        assert np.array_equal(found[places, a].T, said_image["dtMatches"])
        assert np.array_equal(~counted[places, a].T, said_image["dtIgnore"])
        places = [by_annotation[i] for i in said_image["gtIds"]]
        assert np.array_equal(detection_ids[matches.gt_matched[places, a]].T, said_image["gtMatches"])
        n_seen += len(said_image["dtIds"])
    assert n_seen == (bucket.rank < max_detections).sum() * len(area_ranges)


def area_axis(coco: CocoSet, n_ranges: int) -> list[int]:
    """The area range of each entry of pycocotools' evalImgs."""
    n_images = len(coco.ground_truth["images"])
    return [a for _ in coco.ground_truth["categories"] for a in range(n_ranges) for _ in range(n_images)]


@pytest.mark.parametrize("seed", range(64))
def test_matches_are_those_of_pycocotools(seed: int) -> None:
    """Matched annotations and detections and ignored detections are equal in every range at every threshold."""
    assert_as_pycocotools(coco_set(seed), THRESHOLDS, AREA_RANGES, 100)


@pytest.mark.parametrize("seed", range(100, 112))
def test_any_thresholds_ranges_and_max_detections_are_matched_alike(seed: int) -> None:
    """More cells than a word has bits, thresholds out of order, 0 and 1 among them, and few detections: equal too."""
    thresholds = np.array([0.75, 0.0, 0.3, 1.0, 0.5, 0.95, 0.1, 0.6, 0.55, 0.31, 0.85])
    area_ranges = [(0, 1e10), (0, 500), (1024, 1024), (1e6, 1e7), *((100.0 * i, 900.0 * i) for i in range(4))]
    assert_as_pycocotools(coco_set(seed), thresholds, area_ranges, 3)


def test_each_annotation_is_found_once() -> None:
    """Of two detections of one annotation the better scored takes it; the other is false."""
    matches = match_scene([NEAR, BOX], [BOX])
    assert matches.rows.tolist() == [0]
    assert matches.gt_matched[0, 0, 0] == 0


def test_the_worse_detection_takes_it_where_the_better_is_not_near_enough() -> None:
    """Partners are chosen anew at each threshold: at .95 only the exact box matches."""
    matches = match_scene([NEAR, BOX], [BOX], thresholds=(0.5, 0.95))
    assert matches.gt_matched[0, 0].tolist() == [0, 1]
    assert matches.matched[:, 0].tolist() == [[0, -1], [-1, 0]]


def test_later_of_equally_alike_annotations_wins() -> None:
    """Two equal annotations: the detection takes the later, the next one the earlier."""
    matches = match_scene([BOX, BOX], [BOX, BOX])
    assert matches.matched[:, 0, 0].tolist() == [1, 0]


def test_crowd_matches_again_and_again() -> None:
    """Every detection within a crowd matches it and is ignored; the last of them is kept."""
    matches = match_scene([HALF, NEAR, BOX], [BOX], crowd=[True])
    assert matches.matched[:, 0, 0].tolist() == [0, 0, 0]
    assert not matches.counted.any()
    assert matches.gt_matched[0, 0, 0] == 2


def test_annotation_that_counts_goes_before_a_more_alike_ignored_one() -> None:
    """An ignored annotation with IoU 1 yields to a counting one that is near enough."""
    matches = match_scene([BOX], [NEAR, BOX], gt_outside=[0, 1])
    assert matches.matched[0, 0, 0] == 0
    assert matches.true_positive.all()


def test_ignored_annotation_is_taken_once() -> None:
    """An ignored annotation that is no crowd matches one detection; the next is a false positive."""
    matches = match_scene([BOX, NEAR], [BOX], gt_outside=[1])
    assert matches.rows.tolist() == [0]
    assert not matches.counted[0, 0, 0]
    assert matches.error.tolist()[1] != 0


def test_area_ranges_are_matched_apart() -> None:
    """An annotation that counts in range 0 alone is a true positive there and ignored in range 1."""
    matches = match_scene([BOX], [BOX], gt_outside=[0b10], n_ranges=2)
    assert matches.matched[0, :, 0].tolist() == [0, 0]
    assert matches.true_positive[0, :, 0].tolist() == [True, False]
    assert matches.counted[0, :, 0].tolist() == [True, False]


def test_unmatched_cells_count_only_inside_the_range() -> None:
    """Matched at .5 and not at .95: there a false positive in the range its area lies in, ignored in the other."""
    matches = match_scene([NEAR], [BOX], dt_outside=[0b10], thresholds=(0.5, 0.95), n_ranges=2)
    assert matches.counted[0].tolist() == [[True, True], [True, False]]


def test_threshold_one_is_reached_by_the_exact_box() -> None:
    """A threshold of 1 is compared as 1 - 1e-10, and the exact box matches."""
    assert match_scene([BOX], [BOX], thresholds=(1.0,)).rows.tolist() == [0]


def test_threshold_itself_matches() -> None:
    """An IoU of exactly .5 matches at .5."""
    assert match_scene([HALF], [BOX]).rows.tolist() == [0]


def test_box_without_area_matches_nothing() -> None:
    """A box of height 0 on its equal is a false positive, and the annotation is missed."""
    line = (0.0, 0.0, 10.0, 0.0)
    matches = match_scene([line], [line])
    assert len(matches.rows) == 0
    assert matches.gt_matched[0, 0, 0] == -1


def test_detections_beyond_the_maximum_take_no_part() -> None:
    """A detection of rank max_detections matches nothing, is no near miss and has no error, yet its best is told."""
    matches = match_scene([HALF, BOX], [BOX], thresholds=(0.9,), max_detections=1)
    assert len(matches.rows) == 0
    assert matches.near_detection.tolist() == [0]
    assert matches.error[1] == 0
    assert matches.best_similarity.tolist() == [0.5, 1.0]


@pytest.mark.parametrize(("n_dt", "n_gt"), [(0, 2), (2, 0), (0, 0)])
def test_an_empty_side_matches_nothing(n_dt: int, n_gt: int) -> None:
    """Without detections or annotations there are no rows, and arrays keep their shapes."""
    matches = match_scene([BOX] * n_dt, [BOX] * n_gt, thresholds=(0.5, 0.75), n_ranges=3)
    assert matches.matched.shape == matches.counted.shape == (0, 3, 2)
    assert matches.gt_matched.shape == (n_gt, 3, 2)
    assert np.isnan(matches.best_similarity).all()
    assert matches.error.shape == (n_dt,)
