"""Sums of frames by a group and a number."""

import numpy as np

from tasks.kernels.arrays import Int32, Int64, UInt64
from tasks.kernels.compile import kernel
from tasks.kernels.row_order import by_one


@kernel
def _bounds(group: Int64) -> Int64:
    """int64[groups + 1]: where the rows of each group begin when they stand together."""
    bounds = np.zeros(group.max() + 2 if len(group) else 1, np.int64)
    for each in group:
        bounds[each + 1] += 1
    for g in range(len(bounds) - 1):
        bounds[g + 1] += bounds[g]
    return bounds


@kernel
def _gathered(group: Int64, number: Int64, counts: Int64, bounds: Int64) -> tuple[Int64, Int64]:
    """(number, counts), the rows of each group together."""
    place = bounds.copy()
    numbers, held = np.empty(len(number), np.int64), np.empty(counts.shape, np.int64)
    for row in range(len(group)):
        at = place[group[row]]
        place[group[row]] = at + 1
        numbers[at] = number[row]
        for c in range(counts.shape[0]):
            held[c, at] = counts[c, row]
    return numbers, held


@kernel
def _sort(number: Int64, counts: Int64, order: Int32, spare: Int32, words: UInt64, spare_words: UInt64) -> None:
    """Bring the rows of a group into ascending order in place; the others are as long, and are written over."""
    for i in range(len(order)):
        order[i] = i
    order, _ = by_one(number, order, spare, words, spare_words)
    moved = np.empty(len(order), np.int64)
    for i in range(len(order)):
        moved[i] = number[order[i]]
    number[:] = moved
    for c in range(counts.shape[0]):
        for i in range(len(order)):
            moved[i] = counts[c, order[i]]
        counts[c] = moved


@kernel
def summed(group: Int64, number: Int64, counts: Int64) -> tuple[Int64, Int64, Int64]:
    """(group int64[m], number int64[m], counts int64[C, m]): counts added up, by ascending group and then number.

    `group` int64[n] from 0, `number` int64[n] of any sign, `counts` int64[C, n]. Work grows with the highest group too.
    Nothing in, nothing out.
    """
    bounds = _bounds(group)
    numbers, held = _gathered(group, number, counts, bounds)
    largest = max(np.diff(bounds).max(), 0) if len(bounds) > 1 else 0
    order, spare = np.empty(largest, np.int32), np.empty(largest, np.int32)
    words, spare_words = np.empty(largest, np.uint64), np.empty(largest, np.uint64)
    groups, m = np.empty(len(group), np.int64), 0
    for g in range(len(bounds) - 1):
        start, stop = bounds[g], bounds[g + 1]
        n, head = stop - start, m
        if n > 1:
            _sort(numbers[start:stop], held[:, start:stop], order[:n], spare[:n], words[:n], spare_words[:n])
        for row in range(start, stop):  # what is written lies at or before what is read
            if m == head or numbers[m - 1] != numbers[row]:
                groups[m], numbers[m] = g, numbers[row]
                for c in range(held.shape[0]):
                    held[c, m] = held[c, row]
                m += 1
            else:
                for c in range(held.shape[0]):
                    held[c, m - 1] += held[c, row]
    return groups[:m].copy(), numbers[:m].copy(), held[:, :m].copy()


@kernel
def ordered_sums(number: Int64, counts: Int64, order: Int64) -> tuple[Int64, Int64]:
    """(number int64[m], counts int64[C, m]): as `summed`, of one group whose rows ascend in `order`, int64[n]."""
    numbers, sums, m = np.empty(len(order), np.int64), np.empty(counts.shape, np.int64), 0
    for row in order:
        if m > 0 and numbers[m - 1] == number[row]:
            for c in range(counts.shape[0]):
                sums[c, m - 1] += counts[c, row]
        else:
            numbers[m] = number[row]
            for c in range(counts.shape[0]):
                sums[c, m] = counts[c, row]
            m += 1
    return numbers[:m], sums[:, :m]
