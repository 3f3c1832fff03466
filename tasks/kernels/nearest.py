"""The most alike partner of every detection and annotation, matched or not."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int32
from tasks.kernels.compile import kernel
from tasks.kernels.pairs import Pairs


class Nearest(NamedTuple):
    """Highest similarities and whose they are; NaN and -1 where there is no pair. Of equals, the first."""

    best_similarity: Float64
    """float64[D]: with annotations of the class."""
    best_annotation: Int32
    """int32[D]"""
    best_other_similarity: Float64
    """float64[D]: with annotations of other classes."""
    best_other_annotation: Int32
    """int32[D]"""
    near_similarity: Float64
    """float64[G]: with detections of the class."""
    near_detection: Int32
    """int32[G]"""


@kernel
def _nothing(n: int) -> tuple[Float64, Int32]:
    return np.full(n, np.nan), np.full(n, np.int32(-1))


@kernel
def nearest(pairs: Pairs, dt_category: Int32, takes_part: Bool, gt_category: Int32, gt_counts: Bool) -> Nearest:
    """Search all pairs for the best partners.

    Detections look among annotations of `gt_counts` bool[G], in and out of class; annotations among detections of
    `takes_part` bool[D], in class. Without pairs: NaN and -1 throughout.
    """
    best, best_annotation = _nothing(len(dt_category))
    other, other_annotation = _nothing(len(dt_category))
    near, near_detection = _nothing(len(gt_category))
    for d in range(len(dt_category)):
        for pair in range(pairs.indptr[d], pairs.indptr[d + 1]):
            g, similarity = pairs.annotation[pair], pairs.similarity[pair]
            if gt_category[g] != dt_category[d]:
                if gt_counts[g] and not similarity <= other[d]:
                    other[d], other_annotation[d] = similarity, g
                continue
            if gt_counts[g] and not similarity <= best[d]:  # NaN, which is there at first, loses to everything
                best[d], best_annotation[d] = similarity, g
            if takes_part[d] and not similarity <= near[g]:
                near[g], near_detection[g] = similarity, d
    return Nearest(best, best_annotation, other, other_annotation, near, near_detection)
