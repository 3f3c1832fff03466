"""Puts detections and annotations in the order matching walks them: unit by unit, class by class, best first."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Float64, Int32, Int64
from tasks.kernels.compile import kernel
from tasks.kernels.order import counting_sort, sort_run


class DetectionGroups(NamedTuple):
    """Detections by unit, category, score descending."""

    order: Int32
    """int32[D]: the input row at each sorted place."""
    unit_indptr: Int64
    """int64[U+1]: unit u has the sorted places unit_indptr[u]:unit_indptr[u+1]."""
    rank: Int32
    """int32[D], by sorted place: position by score within unit and category, from 0."""


class AnnotationGroups(NamedTuple):
    """Annotations by unit."""

    order: Int32
    """int32[G]: the input row at each sorted place."""
    unit_indptr: Int64
    """int64[U+1]"""


@kernel
def group_detections(unit: Int32, category: Int32, score: Float64, tie: Int64, n_units: int) -> DetectionGroups:
    """Sort D detections by unit, category, score descending, `tie` ascending; what is still equal stays as it was.

    `unit` int32[D] in 0..n_units-1 and `category` int32[D] are dense; `score` float64[D] is free of NaN; `tie` int64[D]
    is the place in the file, or a key of the content. No detections: empty arrays, indptr all 0.
    """
    n_categories = category.max() + 1 if len(category) else 0
    by_category, _ = counting_sort(np.arange(len(unit)).astype(np.int32), category, n_categories)
    order, indptr = counting_sort(by_category, unit, n_units)
    rank = np.empty(len(unit), np.int32)
    spare = np.empty(len(unit), np.int32)
    for u in range(n_units):
        start = indptr[u]
        for place in range(indptr[u], indptr[u + 1]):
            if category[order[place]] != category[order[start]]:
                sort_run(order, start, place, spare, score, tie)
                start = place
            rank[place] = place - start
        sort_run(order, start, indptr[u + 1], spare, score, tie)
    return DetectionGroups(order, indptr, rank)


@kernel
def group_annotations(unit: Int32, tie: Int64, n_units: int) -> AnnotationGroups:
    """Sort G annotations by unit, then `tie` ascending; what is still equal stays as it was.

    `unit` int32[G] in 0..n_units-1; `tie` int64[G]. No annotations: empty arrays, indptr all 0.
    """
    order, indptr = counting_sort(np.arange(len(unit)).astype(np.int32), unit, n_units)
    spare = np.empty(len(unit), np.int32)
    level = np.zeros(len(unit))
    for u in range(n_units):
        sort_run(order, indptr[u], indptr[u + 1], spare, level, tie)
    return AnnotationGroups(order, indptr)
