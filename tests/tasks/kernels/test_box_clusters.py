"""Boxes that lie on one another, against plain loops."""

from itertools import pairwise

import numpy as np

from tasks.kernels.box_clusters import box_clusters, closest_boxes


def box_iou(one: np.ndarray, other: np.ndarray) -> float:
    """IoU of two boxes x, y, w, h."""
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[:2] + one[2:], other[:2] + other[2:])
    shared = np.prod(np.maximum(high - low, 0))
    return float(shared / (np.prod(one[2:]) + np.prod(other[2:]) - shared))


def groups(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Boxes of three groups, one of them empty."""
    rng = np.random.default_rng(seed)
    boxes = np.concatenate([rng.random((n, 2)) * 3, 1 + rng.random((n, 2))], axis=1)
    return boxes, np.array([0, n // 2, n // 2, n])


def test_leaders_are_those_of_greedy_suppression() -> None:
    """Each box follows the first leader of its group that it overlaps by half, or leads."""
    boxes, indptr = groups(60, 0)
    found = box_clusters(boxes, indptr, 0.5)
    for start, stop in pairwise(indptr):
        leaders: list[int] = []
        for i in range(start, stop):
            over = [j for j in leaders if box_iou(boxes[i], boxes[j]) >= 0.5]
            assert found[i] == (over[0] if over else i)
            leaders += [] if over else [i]


def test_the_closest_is_that_of_a_loop() -> None:
    """Within the group; none where nothing overlaps."""
    boxes, indptr = groups(40, 1)
    best, partner = closest_boxes(boxes, indptr)
    for start, stop in pairwise(indptr):
        for i in range(start, stop):
            overlaps = {j: box_iou(boxes[i], boxes[j]) for j in range(start, stop) if j != i}
            assert abs(best[i] - max(overlaps.values())) < 1e-12
            assert partner[i] == (max(overlaps, key=overlaps.__getitem__) if best[i] > 0 else -1)
    lonely, nobody = closest_boxes(np.array([[0.0, 0, 1, 1], [5, 5, 1, 1], [5, 5, 0, 0]]), np.array([0, 3]))
    assert (lonely.tolist(), nobody.tolist()) == ([0, 0, 0], [-1, -1, -1])
