"""Who matches whom among segments, against panopticapi's rule image by image."""

from collections import Counter

import numpy as np
import pytest

from tasks.kernels.overlaps import overlaps
from tasks.pixels.panoptic import Matched, match_segments
from tests.tasks.kernels.test_overlaps import masks_of
from tests.tasks.pixels.panoptic_oracle import Segments, count_image, made_up, new_sums

Image = tuple[np.ndarray, Segments, np.ndarray, Segments]


def matched(truth: np.ndarray, listed: Segments, found: np.ndarray, predicted: Segments) -> Matched:
    """What our rule makes of one image."""
    sides = (
        masks_of([[ids == segment["id"] for segment in segments]])
        for ids, segments in ((truth, listed), (found, predicted))
    )
    shared = overlaps(*sides, np.array([truth.size], np.int64))
    classes = [np.array([s["category_id"] for s in segments], np.int64) for segments in (listed, predicted)]
    crowd = np.array([bool(s.get("iscrowd")) for s in listed], bool)
    return match_segments(shared, classes[0], crowd, classes[1], np.zeros(len(listed), np.int64))


@pytest.mark.parametrize("seed", range(40))
def test_an_image_is_matched_by_the_rule(seed: int) -> None:
    """Matches, misses and false segments of every class, and the IoU of every match."""
    for image in made_up(seed, 5).images.values():
        sums = new_sums()
        count_image(*image, sums)
        truth, listed, found, predicted = image
        result = matched(truth, listed, found, predicted)
        classes = np.array([s["category_id"] for s in predicted], int)
        true = result.truth >= 0
        missed = [s["category_id"] for s, d in zip(listed, result.found, strict=True) if d < 0 and not s["iscrowd"]]
        false = classes[~true & ~result.ignored].tolist()
        for category in range(1, 4):
            expected = sums[category]
            assert Counter(missed)[category] == expected.fn
            assert Counter(false)[category] == expected.fp
            assert sorted(result.iou[true & (classes == category)]) == sorted(expected.ious)


def test_partners_point_at_each_other() -> None:
    """And have one class."""
    for image in made_up(99, 20).images.values():
        result = matched(*image)
        for d, a in enumerate(result.truth.tolist()):
            assert a < 0 or result.found[a] == d
        assert (result.found >= 0).sum() == (result.truth >= 0).sum()
        assert not (result.ignored & (result.truth >= 0)).any()


def test_half_is_not_enough() -> None:
    """An IoU of exactly 0.5 is no match; void pixels do not count in the union."""
    truth = np.array([[1, 1, 2, 2]])
    found = np.array([[1, 1, 1, 1]])
    one = [{"id": 1, "category_id": 1}]
    assert matched(truth, [*one, {"id": 2, "category_id": 2}], found, one).truth.tolist() == [-1]
    assert matched(np.array([[1, 1, 0, 0]]), one, found, one).iou.tolist() == [1.0]


def test_of_several_crowds_the_last_excuses() -> None:
    """As panopticapi's dictionary of crowds keeps one per class."""
    truth, found = np.array([[1, 1, 2, 2]]), np.array([[7, 7, 8, 8]])
    listed = [{"id": k, "category_id": 1, "iscrowd": 1} for k in (1, 2)]
    result = matched(truth, listed, found, [{"id": k, "category_id": 1} for k in (7, 8)])
    assert result.ignored.tolist() == [False, True]


def test_nothing_matches_nothing() -> None:
    """No segments on either side, or on one."""
    image, one = np.array([[1, 0]]), [{"id": 1, "category_id": 1}]
    assert [len(column) for column in matched(image * 0, [], image * 0, [])] == [0, 0, 0, 0]
    assert matched(image, one, image * 0, []).found.tolist() == [-1]
    only = matched(image * 0, [], image, one)
    assert (only.truth.tolist(), only.ignored.tolist()) == ([-1], [True])
