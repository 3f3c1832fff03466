"""Sorting short slices in place."""

from tasks.kernels.arrays import Int64
from tasks.kernels.compile import kernel

SHORT = 24
"""Up to here insertion beats the heap."""


@kernel
def sort_ascending(values: Int64, start: int, stop: int) -> None:
    """Sort values[start:stop] in place: by insertion, or by a heap where that would take quadratic time."""
    if stop - start > SHORT:
        _heap_sort(values[start:stop])
        return
    for i in range(start + 1, stop):
        value = values[i]
        j = i
        while j > start and values[j - 1] > value:
            values[j] = values[j - 1]
            j -= 1
        values[j] = value


@kernel
def _heap_sort(values: Int64) -> None:
    for root in range(len(values) // 2 - 1, -1, -1):
        _sift_down(values, root, len(values))
    for end in range(len(values) - 1, 0, -1):
        values[0], values[end] = values[end], values[0]
        _sift_down(values, 0, end)


@kernel
def _sift_down(values: Int64, root: int, end: int) -> None:
    value = values[root]
    while 2 * root + 1 < end:
        child = 2 * root + 1
        if child + 1 < end and values[child + 1] > values[child]:
            child += 1
        if values[child] <= value:
            break
        values[root] = values[child]
        root = child
    values[root] = value
