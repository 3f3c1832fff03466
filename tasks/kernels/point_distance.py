"""Distances of single points, as similarities."""

import numpy as np

from tasks.kernels.arrays import Float64, Int64
from tasks.kernels.compile import kernel
from tasks.kernels.distances import similarity_of
from tasks.kernels.pairs import Pairs, grow


@kernel
def point_pairs(
    dt_points: Float64, dt_indptr: Int64, gt_points: Float64, gt_indptr: Int64, scale_px: Float64, limits: Float64,
    floor: float,
) -> Pairs:  # fmt: skip
    """Pairs of the same unit with similarity >= floor, in class and out of class.

    Points are float64[n, 2], x and y in px, sorted by unit; indptr int64[U+1]. Distances are divided by `scale_px`
    float64[U] (1, or the unit's diagonal) and compared with `limits` float64[T] as `similarity_of` says. With
    floor <= 0 every pair of a unit is there. No detections, or no annotations: no pairs.
    """
    indptr = np.zeros(len(dt_points) + 1, np.int64)
    annotation, similarity = np.empty(len(dt_points) + 1024, np.int32), np.empty(len(dt_points) + 1024)
    n = 0
    for u in range(len(dt_indptr) - 1):
        n_gt = gt_indptr[u + 1] - gt_indptr[u]
        for d in range(dt_indptr[u], dt_indptr[u + 1]):
            if n + n_gt > len(annotation):
                annotation, similarity = grow(annotation, n, n + n_gt), grow(similarity, n, n + n_gt)
            for g in range(gt_indptr[u], gt_indptr[u + 1]):
                distance = np.hypot(dt_points[d, 0] - gt_points[g, 0], dt_points[d, 1] - gt_points[g, 1])
                annotation[n], similarity[n] = g, similarity_of(distance / scale_px[u], limits)
                n += similarity[n] >= floor
            indptr[d + 1] = n
    return Pairs(indptr, annotation[:n], similarity[:n])
