"""Overlaps of boxes of a frame against trackeval's, and who belongs to whom."""

import numpy as np
import pytest

from tasks.kernels.track_pairs import frame_overlaps, frame_partners
from tests.tasks.kernels.flat import offsets_of


def test_overlaps_are_trackevals_to_the_bit() -> None:
    """At a threshold every bit counts; boxes without area overlap nothing."""
    datasets = pytest.importorskip("trackeval.datasets", reason="needs trackeval")
    rng = np.random.default_rng(1)
    truth, found = (np.round(rng.uniform(0, 40, (30, 4)), 2) for _ in range(2))
    truth[3, 2:] = 0
    overlaps = frame_overlaps(truth, offsets_of([30]), found, offsets_of([30]))
    ours = np.zeros((30, 30))
    ours[np.repeat(np.arange(30), np.diff(overlaps.indptr)), overlaps.found] = overlaps.iou
    assert np.array_equal(ours, datasets.MotChallenge2DBox._calculate_box_ious(truth, found, box_format="xywh"))


def test_boxes_of_other_frames_do_not_meet() -> None:
    """Nor do those that only touch."""
    box = np.array([[0.0, 0.0, 10.0, 10.0]] * 2)
    assert frame_overlaps(box, offsets_of([2, 0]), box, offsets_of([0, 2])).found.tolist() == []
    beside = box + np.array([10.0, 0.0, 0.0, 0.0])
    assert frame_overlaps(box, offsets_of([2]), beside, offsets_of([2])).found.tolist() == []


def test_partners_have_the_highest_sum() -> None:
    """The middle box goes where the other cannot; below the threshold there is none."""
    truth = np.array([[0.0, 0, 10, 10], [3.0, 0, 10, 10], [40.0, 0, 10, 10]])
    found = np.array([[2.0, 0, 10, 10], [5.0, 0, 10, 10], [46.0, 0, 10, 10]])
    frames = offsets_of([3])
    overlaps = frame_overlaps(truth, frames, found, frames)
    assert frame_partners(overlaps, frames, frames, 0.5).tolist() == [0, 1, -1]
