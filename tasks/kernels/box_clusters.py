"""Boxes of one unit and class that lie on one another."""

import numpy as np

from tasks.kernels.arrays import Float64, Int64
from tasks.kernels.compile import kernel


@kernel
def _iou(boxes: Float64, i: int, j: int) -> float:
    """IoU of two boxes x, y, w, h; 0 where both are empty."""
    width = min(boxes[i, 0] + boxes[i, 2], boxes[j, 0] + boxes[j, 2]) - max(boxes[i, 0], boxes[j, 0])
    height = min(boxes[i, 1] + boxes[i, 3], boxes[j, 1] + boxes[j, 3]) - max(boxes[i, 1], boxes[j, 1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (boxes[i, 2] * boxes[i, 3] + boxes[j, 2] * boxes[j, 3] - shared)


@kernel
def box_clusters(boxes: Float64, indptr: Int64, least: float) -> Int64:
    """int64[n]: the leader of each box float64[n, 4] in its group indptr[g]:indptr[g + 1].

    The first box of a group that no leader before it overlaps by `least` leads.
    """
    leader = np.full(len(boxes), -1)
    for g in range(len(indptr) - 1):
        for i in range(indptr[g], indptr[g + 1]):
            if leader[i] >= 0:
                continue
            leader[i] = i
            for j in range(i + 1, indptr[g + 1]):
                if leader[j] < 0 and _iou(boxes, i, j) >= least:
                    leader[j] = i
    return leader


@kernel
def closest_boxes(boxes: Float64, indptr: Int64) -> tuple[Float64, Int64]:
    """(float64[n] highest IoU with another box of the group, int64[n] that box; 0 and -1 where none overlaps)."""
    best, partner = np.zeros(len(boxes)), np.full(len(boxes), -1)
    for g in range(len(indptr) - 1):
        for i in range(indptr[g], indptr[g + 1]):
            for j in range(i + 1, indptr[g + 1]):
                overlap = _iou(boxes, i, j)
                if overlap > best[i]:
                    best[i], partner[i] = overlap, j
                if overlap > best[j]:
                    best[j], partner[j] = overlap, i
    return best, partner
