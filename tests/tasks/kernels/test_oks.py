"""Object keypoint similarity: every pair is pycocotools' own number."""

from typing import Any, cast

import numpy as np
import pytest
from pycocotools.cocoeval import COCOeval

from tasks.kernels.oks import all_pairs, oks_pairs, sum_as_numpy
from tasks.kernels.pairs import Pairs

COCO_SIGMAS = (0.26, 0.25, 0.25, 0.35, 0.35, 0.79, 0.79, 0.72, 0.72, 0.62, 0.62, 1.07, 1.07, 0.87, 0.87, 0.89, 0.89)


class People:
    """One image with D detections and G annotations of P points; whole numbers where a file would have them."""

    def __init__(self, seed: int, detections: int, annotations: int, sigmas: np.ndarray) -> None:
        """Detections lie near annotations, by 1 to some 200 pixels; the first annotation has no area."""
        rng = np.random.default_rng(seed)
        points = len(sigmas)
        self.sigmas = sigmas
        self.truth = rng.integers(0, 640, (annotations, points, 2)).astype(np.float64)
        self.visible = rng.random((annotations, points)) < rng.choice([0, 0.1, 0.6, 1], (annotations, 1))
        self.boxes = np.round(rng.uniform(0, 300, (annotations, 4)), 2)
        self.area = np.round(rng.uniform(0, 5, annotations) ** 7, 4)
        self.area[:1] = 0
        near = (
            self.truth[rng.integers(0, max(annotations, 1), detections)]
            if annotations
            else np.zeros((detections, points, 2))
        )
        self.found = np.round(near + rng.normal(0, 1, near.shape) * 3 ** rng.uniform(0, 5, (detections, 1, 1)), 3)

    def pairs(self, floor: float) -> Pairs:
        """Our numbers."""
        near = all_pairs(np.array([0, len(self.found)]), np.array([0, len(self.truth)]))
        return oks_pairs(*near, self.found, self.truth, self.visible, self.boxes, self.area, self.sigmas, floor)

    def reference(self) -> np.ndarray:
        """pycocotools' numbers, D x G."""
        evaluation = COCOeval(iouType="keypoints")
        evaluation.params.kpt_oks_sigmas = self.sigmas
        evaluation.params.maxDets = [len(self.found)]
        evaluation._gts[1, 1] = [
            {
                "keypoints": np.hstack([self.truth[g], 2.0 * self.visible[g][:, None]]).ravel().tolist(),
                "bbox": self.boxes[g].tolist(),
                "area": float(self.area[g]),
            }
            for g in range(len(self.truth))
        ]
        evaluation._dts[1, 1] = [
            {"keypoints": np.pad(points, ((0, 0), (0, 1))).ravel().tolist(), "score": 1.0} for points in self.found
        ]
        return np.reshape(cast(Any, evaluation).computeOks(1, 1), (len(self.found), len(self.truth)))


@pytest.mark.parametrize("points", [*range(1, 41), 133, 300])
def test_pairs_equal_pycocotools(points: int) -> None:
    """For every number of points the similarities have the same bits, without visible points too."""
    rng = np.random.default_rng(points)
    sigmas = np.array(COCO_SIGMAS) / 10 if points == 17 else np.round(rng.uniform(0.02, 0.2, points), 3)
    people = People(points, 15, 12, sigmas)
    pairs = people.pairs(0.0)
    expected = people.reference()
    assert np.array_equal(pairs.similarity.reshape(15, 12), expected)
    assert np.count_nonzero((expected > 0) & (expected < 1)) > 20


def test_pairs_below_the_floor_are_left_out() -> None:
    """A floor keeps what reaches it, under the same detection and annotation."""
    people = People(1, 20, 9, np.array(COCO_SIGMAS) / 10)
    pairs, expected = people.pairs(0.1), people.reference()
    d, g = np.nonzero(expected >= 0.1)
    assert 10 < len(d) < expected.size
    assert np.array_equal(pairs.annotation, g)
    assert np.array_equal(np.repeat(np.arange(20), np.diff(pairs.indptr)), d)
    assert np.array_equal(pairs.similarity, expected[d, g])


def test_sums_are_added_in_the_order_of_numpy() -> None:
    """From 1 to 1100 numbers, alone or inside an array, the sum has the bits of `np.sum`."""
    rng = np.random.default_rng(2)
    for n in [*range(1, 300), 511, 512, 513, 1_100]:
        values = np.exp(rng.uniform(-30, 0, n + 3))
        assert sum_as_numpy(values, 3, n) == np.sum(values[3:])


def test_all_pairs_join_units_only() -> None:
    """Detections meet the annotations of their own unit, ascending."""
    near = all_pairs(np.array([0, 2, 2, 3, 4]), np.array([0, 1, 2, 2, 5]))
    assert near.indptr.tolist() == [0, 1, 2, 2, 5]
    assert near.annotation.tolist() == [0, 0, 2, 3, 4]


@pytest.mark.parametrize(("detections", "annotations"), [(0, 3), (3, 0), (0, 0)])
def test_nothing_to_compare_gives_no_pairs(detections: int, annotations: int) -> None:
    """Without detections or annotations there are no pairs."""
    pairs = People(3, detections, annotations, np.array(COCO_SIGMAS) / 10).pairs(0.0)
    assert [len(pairs.annotation), len(pairs.similarity)] == [0, 0]
    assert pairs.indptr.tolist() == [0] * (detections + 1)
