"""Stable sorts of row numbers: by a small dense key in one pass, and within a run by score."""

import numpy as np

from tasks.kernels.arrays import Float64, Int32, Int64
from tasks.kernels.compile import kernel

_BLOCK = 16
"""Rows sorted by insertion before merging; most runs (one class on one image) are shorter."""


@kernel
def counting_sort(order: Int32, key: Int32, n_keys: int) -> tuple[Int32, Int64]:
    """Rows of `order` by ascending `key` (0..n_keys-1), equal keys as they were; and where each key's rows start.

    Returns int32[n] and int64[n_keys+1]. Sorting by the less important key first gives an order by several.
    """
    indptr = np.zeros(n_keys + 1, np.int64)
    for row in range(len(key)):
        indptr[key[row] + 1] += 1
    for k in range(n_keys):
        indptr[k + 1] += indptr[k]
    place = indptr[:-1].copy()
    out = np.empty(len(order), np.int32)
    for row in order:
        out[place[key[row]]] = row
        place[key[row]] += 1
    return out, indptr


@kernel
def _before(a: int, b: int, score: Float64, tie: Int64) -> bool:
    return bool(score[a] > score[b] or (score[a] == score[b] and tie[a] < tie[b]))


@kernel
def _is_sorted(order: Int32, start: int, stop: int, score: Float64, tie: Int64) -> bool:
    i = start + 1
    while i < stop and not _before(order[i], order[i - 1], score, tie):
        i += 1
    return i >= stop


@kernel
def _insertion(order: Int32, start: int, stop: int, score: Float64, tie: Int64) -> None:
    for i in range(start + 1, stop):
        row = order[i]
        j = i
        while j > start and _before(row, order[j - 1], score, tie):
            order[j] = order[j - 1]
            j -= 1
        order[j] = row


@kernel
def _merge(order: Int32, start: int, middle: int, stop: int, spare: Int32, score: Float64, tie: Int64) -> None:
    if not _before(order[middle], order[middle - 1], score, tie):
        return
    n_left = middle - start
    spare[:n_left] = order[start:middle]
    left, right, out = 0, middle, start
    while left < n_left and right < stop:
        if _before(order[right], spare[left], score, tie):
            order[out] = order[right]
            right += 1
        else:
            order[out] = spare[left]
            left += 1
        out += 1
    order[out : out + n_left - left] = spare[left:n_left]


@kernel
def sort_run(order: Int32, start: int, stop: int, spare: Int32, score: Float64, tie: Int64) -> None:
    """Sort order[start:stop] in place by score descending, then tie ascending; otherwise as it was.

    `spare` is scratch of at least stop - start rows. A run already in order costs one comparison a row.
    """
    if _is_sorted(order, start, stop, score, tie):
        return
    for low in range(start, stop, _BLOCK):
        _insertion(order, low, min(low + _BLOCK, stop), score, tie)
    width = _BLOCK
    while width < stop - start:
        for low in range(start, stop - width, 2 * width):
            _merge(order, low, low + width, min(low + 2 * width, stop), spare, score, tie)
        width *= 2
