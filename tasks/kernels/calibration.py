"""Counts and sums of scores in bins, by class and IoU threshold.

Scores are summed as whole multiples of 2^-52, in two words: such sums do not depend on how the data was cut.
"""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int32, Int64
from tasks.kernels.compile import kernel

WORD = 1 << 26


class BinSums(NamedTuple):
    """Of the detections that count, int64[K, T, B]."""

    n: Int64
    true: Int64
    """Those that are true positives."""
    high: Int64
    """Sum of scores, in 2^-26."""
    low: Int64
    """What is left of it, in 2^-52."""


@kernel
def _bin(within: float, edges: Float64) -> int:
    """Bins are open below and closed above; the first holds its lower edge, too."""
    b = 0
    while b < len(edges) - 2 and within > edges[b + 1]:
        b += 1
    return b


@kernel
def _binned(score: float, edges: Float64) -> tuple[int, int, int]:
    """(bin, both words of the score), which is held within 0 and 1."""
    within = min(max(score, 0.0), 1.0)
    scaled = within * WORD
    high = np.floor(scaled)
    return _bin(within, edges), int(high), int(np.floor((scaled - high) * WORD))


@kernel
def bin_sums(
    category: Int32,
    score: Float64,
    unmatched: Bool,
    event: Int64,
    true_positive: Bool,
    counted: Bool,
    edges: Float64,
    n_categories: int,
) -> BinSums:
    """Sums over D detections, in the first area range: those that `unmatched` marks count at every threshold.

    Args:
        category: i32[D], dense.
        score: f64[D]; below 0 counts as 0, above 1 as 1.
        unmatched: bool[D]: false positives that matched nothing.
        event: i64[E], the detections that matched something.
        true_positive: bool[E, A, T].
        counted: bool[E, A, T]: true or false, not ignored.
        edges: f64[B + 1] of the bins, ascending from 0 to 1.
        n_categories: K. Without detections all sums are 0.
    """
    shape = (n_categories, true_positive.shape[2], len(edges) - 1)
    n, true, high, low = (
        np.zeros(shape, np.int64),
        np.zeros(shape, np.int64),
        np.zeros(shape, np.int64),
        np.zeros(shape, np.int64),
    )
    for d in range(len(score)):
        if unmatched[d]:
            k, (b, upper, lower) = category[d], _binned(score[d], edges)
            n[k, 0, b] += 1
            high[k, 0, b] += upper
            low[k, 0, b] += lower
    for t in range(1, shape[1]):
        n[:, t], high[:, t], low[:, t] = n[:, 0], high[:, 0], low[:, 0]
    for e in range(len(event)):
        k, (b, upper, lower) = category[event[e]], _binned(score[event[e]], edges)
        for t in range(shape[1]):
            if counted[e, 0, t]:
                n[k, t, b] += 1
                true[k, t, b] += true_positive[e, 0, t]
                high[k, t, b] += upper
                low[k, t, b] += lower
    return BinSums(n, true, high, low)
