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
def _ascending(values: Int32, n: int, count: Int64) -> None:
    """Sort the first n values in place, which are those whose `count` is not 0."""
    if n * n > 4 * len(count):  # of many, going through all that there could be is faster
        i = 0
        for value in range(len(count)):
            if count[value]:
                values[i] = value
                i += 1
        return
    for i in range(1, n):
        value, j = values[i], i
        while j > 0 and values[j - 1] > value:
            values[j] = values[j - 1]
            j -= 1
        values[j] = value


@kernel
def _by_category(
    order: Int32, start: int, stop: int, category: Int32, count: Int64, present: Int32, spare: Int32
) -> int:
    """Bring the rows of one unit, order[start:stop], into the order of their categories, equal ones as they were.

    How many categories there are: they stand in `present` int32[K+1], ascending, and where the rows of each end in
    `count` int64[K], which was 0. `spare` is scratch.
    """
    n_present = 0
    for i in range(start, stop):
        spare[i - start] = order[i]
        k = category[order[i]]
        present[n_present] = k
        n_present += count[k] == 0
        count[k] += 1
    _ascending(present, n_present, count)
    place = start
    for i in range(n_present):
        place, count[present[i]] = place + count[present[i]], place
    for i in range(stop - start):
        k = category[spare[i]]
        order[count[k]] = spare[i]
        count[k] += 1
    return n_present


@kernel
def group_detections(unit: Int32, category: Int32, score: Float64, tie: Int64, n_units: int) -> DetectionGroups:
    """Sort D detections by unit, category, score descending, `tie` ascending; what is still equal stays as it was.

    `unit` int32[D] in 0..n_units-1 and `category` int32[D] are dense; `score` float64[D] is free of NaN; `tie` int64[D]
    is the place in the file, or a key of the content. No detections: empty arrays, indptr all 0.
    """
    n_categories = category.max() + 1 if len(category) else 0
    order, indptr = counting_sort(np.arange(len(unit)).astype(np.int32), unit, n_units)
    count, present = np.zeros(n_categories, np.int64), np.empty(n_categories + 1, np.int32)
    rank, spare = np.empty(len(unit), np.int32), np.empty(len(unit), np.int32)
    for u in range(n_units):
        start = indptr[u]
        for k in present[: _by_category(order, start, indptr[u + 1], category, count, present, spare)]:
            end, count[k] = count[k], 0
            if end - start > 1:
                sort_run(order, start, end, spare, score, tie)
            for place in range(start, end):
                rank[place] = place - start
            start = end
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
