"""Distances of polylines, sampled evenly along their length, as similarities: symmetric Chamfer, discrete Frechet."""

import numpy as np

from tasks.kernels.arrays import Float64, Int64
from tasks.kernels.compile import kernel
from tasks.kernels.distances import similarity_of
from tasks.kernels.pairs import Pairs, grow


@kernel
def _step(points: Float64, v: int, last: int) -> float:
    """Length of the segment after vertex v; 0 after the last."""
    if v >= last:
        return 0.0
    return np.hypot(points[v + 1, 0] - points[v, 0], points[v + 1, 1] - points[v, 1])


@kernel
def _sample(points: Float64, first: int, last: int, samples: Float64) -> None:
    """Write points at equal steps along the vertices first to last, x and y float64[2, S], the ends to the bit."""
    length, n = 0.0, samples.shape[1]
    for v in range(first, last):
        length += _step(points, v, last)
    v, passed, step = first, 0.0, _step(points, first, last)
    for i in range(n - 1):
        reached = length * i / (n - 1)
        while v + 1 < last and passed + step < reached:
            passed += step
            v += 1
            step = _step(points, v, last)
        share = min(1.0, (reached - passed) / step) if step > 0 else 0.0
        following = min(v + 1, last)
        for axis in range(2):
            samples[axis, i] = points[v, axis] + share * (points[following, axis] - points[v, axis])
    samples[0, n - 1], samples[1, n - 1] = points[last, 0], points[last, 1]


@kernel
def resample(points: Float64, offsets: Int64, n_samples: int) -> Float64:
    """float64[n, 2, S]: x and y of S >= 2 points at equal steps along each polyline, its ends among them.

    Polyline k has the vertices points[offsets[k]:offsets[k+1]], one at least, float64[P, 2]. One without length is S
    times the same point. No polylines: no rows.
    """
    samples = np.empty((len(offsets) - 1, 2, n_samples))
    for k in range(len(samples)):
        _sample(points, offsets[k], offsets[k + 1] - 1, samples[k])
    return samples


@kernel
def _mean_to_nearest(a: Float64, b: Float64, nearest: Float64) -> float:
    """Mean over the samples of b of the distance to the nearest of a; `nearest` float64[S] is scratch.

    The inner loop runs over b, with a minimum for each of its samples, so that it vectorises.
    """
    nearest[:] = np.inf
    for i in range(a.shape[1]):
        x, y = a[0, i], a[1, i]
        for j in range(b.shape[1]):
            dx, dy = b[0, j] - x, b[1, j] - y
            squared = dx * dx + dy * dy
            nearest[j] = squared if squared < nearest[j] else nearest[j]
    total = 0.0
    for squared in nearest:
        total += np.sqrt(squared)
    return total / len(nearest)


@kernel
def _chamfer(a: Float64, b: Float64, row: Float64) -> float:
    """Mean distance to the nearest sample of the other, averaged over both directions."""
    return (_mean_to_nearest(a, b, row) + _mean_to_nearest(b, a, row)) / 2


@kernel
def _frechet(a: Float64, b: Float64, row: Float64) -> float:
    """The longest of the steps that cannot be avoided when both are walked from end to end; `row` is scratch.

    By dynamic programming over squared distances, a row of the table at a time. Source: Eiter and Mannila, 1994.
    """
    row[:] = np.inf
    corner = 0.0
    for i in range(a.shape[1]):
        x, y = a[0, i], a[1, i]
        left = np.inf
        for j in range(b.shape[1]):
            dx, dy = b[0, j] - x, b[1, j] - y
            squared = dx * dx + dy * dy
            above = row[j]
            before = min(min(above, left), corner)
            left = squared if squared > before else before
            corner, row[j] = above, left
        corner = np.inf
    return np.sqrt(row[-1])


@kernel
def _distance(a: Float64, b: Float64, frechet: bool, row: Float64) -> float:
    return _frechet(a, b, row) if frechet else _chamfer(a, b, row)


@kernel
def _hulls(samples: Float64) -> Float64:
    """float64[n, 4]: left, top, right, bottom."""
    hulls = np.empty((len(samples), 4))
    for k in range(len(samples)):
        hulls[k, 0], hulls[k, 1] = samples[k, 0].min(), samples[k, 1].min()
        hulls[k, 2], hulls[k, 3] = samples[k, 0].max(), samples[k, 1].max()
    return hulls


@kernel
def _apart(a: Float64, b: Float64) -> float:
    """Distance of two hulls: nothing in one is nearer to anything in the other."""
    across = max(0.0, max(a[0], b[0]) - min(a[2], b[2]))
    down = max(0.0, max(a[1], b[1]) - min(a[3], b[3]))
    return np.hypot(across, down)


@kernel
def polyline_pairs(
    dt_samples: Float64, dt_indptr: Int64, gt_samples: Float64, gt_indptr: Int64, frechet: bool, limits_px: Float64,
    floor: float,
) -> Pairs:  # fmt: skip
    """Pairs of the same unit with similarity >= floor, in class and out of class, by Chamfer or Frechet distance.

    Samples are float64[n, 2, S], px, as `resample` makes them, sorted by unit; indptr int64[U+1]. Distances are
    compared with `limits_px` float64[T] as `similarity_of` says. Pairs whose hulls are too far apart for `floor` are
    not measured. With floor <= 0 every pair of a unit is there. No detections, or no annotations: no pairs.
    """
    dt_hulls, gt_hulls, row = _hulls(dt_samples), _hulls(gt_samples), np.empty(dt_samples.shape[2])
    indptr = np.zeros(len(dt_samples) + 1, np.int64)
    annotation, similarity = np.empty(len(dt_samples) + 1024, np.int32), np.empty(len(dt_samples) + 1024)
    n = 0
    for u in range(len(dt_indptr) - 1):
        n_gt = gt_indptr[u + 1] - gt_indptr[u]
        for d in range(dt_indptr[u], dt_indptr[u + 1]):
            if n + n_gt > len(annotation):
                annotation, similarity = grow(annotation, n, n + n_gt), grow(similarity, n, n + n_gt)
            for g in range(gt_indptr[u], gt_indptr[u + 1]):
                value = similarity_of(_apart(dt_hulls[d], gt_hulls[g]), limits_px)
                if value >= floor and value > 0:
                    value = similarity_of(_distance(dt_samples[d], gt_samples[g], frechet, row), limits_px)
                annotation[n], similarity[n] = g, value
                n += value >= floor
            indptr[d + 1] = n
    return Pairs(indptr, annotation[:n], similarity[:n])
