"""The order of rows by several whole numbers: digit by digit, or by merging runs that are in order already."""

import numpy as np

from tasks.kernels.arrays import Int32, Int64, UInt64
from tasks.kernels.compile import kernel

_DIGIT_BITS = 11
"""The counts of a digit fit into the first cache."""
_MOVES = 4
"""Places that a row may move on average where rows are nearly in order: no dearer than the other digits."""


@kernel
def _before(keys: Int64, a: int, b: int) -> bool:
    """Whether row a comes before row b."""
    for k in range(keys.shape[0]):
        if keys[k, a] != keys[k, b]:
            return bool(keys[k, a] < keys[k, b])
    return False


@kernel
def _digits(words: UInt64, lowest: int, passes: int, width: int) -> Int64:
    """int64[passes, 2^width]: where the words of each digit begin, of digits of `width` bits from bit `lowest`."""
    mask = np.uint64((1 << width) - 1)
    place = np.zeros((passes, 1 << width), np.int64)
    for word in words:
        for p in range(passes):
            place[p, np.int64((word >> np.uint64(lowest + p * width)) & mask)] += 1
    for p in range(passes):
        total = 0
        for d in range(1 << width):
            total, place[p, d] = total + place[p, d], total
    return place


@kernel
def _words(key: Int64, order: Int32, words: UInt64) -> int:
    """Write what each key is above the lowest, in the given order; return how many bits that takes."""
    low, high = key.min(), key.max()
    for i in range(len(order)):
        words[i] = np.uint64(key[order[i]]) - np.uint64(low)
    span, bits = np.uint64(high) - np.uint64(low), 0
    while bits < 64 and span >> np.uint64(bits) > 0:
        bits += 1
    return bits


@kernel
def _by_digits(
    order: Int32, spare: Int32, words: UInt64, spare_words: UInt64, lowest: int, passes: int, width: int
) -> tuple[Int32, Int32, UInt64, UInt64]:
    """The order and its words by some digits, equal ones as they were, and the room that is left."""
    places, mask = _digits(words, lowest, passes, width), np.uint64((1 << width) - 1)
    for p in range(passes):
        shift, place = np.uint64(lowest + p * width), places[p]
        for i in range(len(order)):
            digit = np.int64((words[i] >> shift) & mask)
            at = place[digit]
            place[digit] = at + 1
            spare_words[at], spare[at] = words[i], order[i]
        words, spare_words, order, spare = spare_words, words, spare, order
    return order, spare, words, spare_words


@kernel
def _settle(order: Int32, words: UInt64) -> bool:
    """Sort what is nearly in order, by insertion; False where it is not: then equal words still are as they were."""
    moves = 0
    for i in range(1, len(order)):
        word, row, j = words[i], order[i], i
        while j > 0 and words[j - 1] > word:
            words[j], order[j] = words[j - 1], order[j - 1]
            j -= 1
        words[j], order[j] = word, row
        moves += i - j
        if moves > _MOVES * len(order):
            return False
    return True


@kernel
def by_one(key: Int64, order: Int32, spare: Int32, words: UInt64, spare_words: UInt64) -> tuple[Int32, Int32]:
    """(the order by this key, equal ones as they were, room for another order).

    `order` int32[n] of n rows is what it was before; the others, as long, are written over. The highest digits of a
    long key mostly say it all, as of scores.
    """
    bits = _words(key, order, words)
    passes = (bits + _DIGIT_BITS - 1) // _DIGIT_BITS
    if passes > 3:
        highest = bits - 2 * _DIGIT_BITS
        order, spare, words, spare_words = _by_digits(order, spare, words, spare_words, highest, 2, _DIGIT_BITS)
        if _settle(order, words):
            return order, spare
    if passes:
        width = (bits + passes - 1) // passes
        order, spare, words, spare_words = _by_digits(order, spare, words, spare_words, 0, passes, width)
    return order, spare


@kernel
def _merge(keys: Int64, order: Int32, low: int, middle: int, high: int, out: Int32) -> None:
    """Merge order[low:middle] and order[middle:high] into the same places of `out`."""
    left, right = low, middle
    for place in range(low, high):
        if left < middle and (right >= high or not _before(keys, order[right], order[left])):
            out[place] = order[left]
            left += 1
        else:
            out[place] = order[right]
            right += 1


@kernel
def _merged(keys: Int64, bounds: Int64) -> Int32:
    order, spare = np.arange(keys.shape[1]).astype(np.int32), np.empty(keys.shape[1], np.int32)
    runs, bounds = len(bounds) - 1, bounds.copy()
    while runs > 1:
        for r in range(0, runs, 2):
            _merge(keys, order, bounds[r], bounds[r + 1], bounds[min(r + 2, runs)], spare)
            bounds[r // 2] = bounds[r]
        bounds[(runs + 1) // 2] = bounds[runs]
        runs = (runs + 1) // 2
        order, spare = spare, order
    return order


@kernel
def ascending(keys: Int64, runs: Int64) -> Int32:
    """int32[n]: rows by the first of K keys, then the second and so on; equal ones as they were.

    `keys` int64[K, n], at most 2^31 rows. `runs` int64[R + 1] says where runs of rows begin that ascend by themselves,
    and where the last ends; empty: nothing is known. No rows: none.
    """
    rows = keys.shape[1]
    if len(runs):
        return _merged(keys, runs)
    order, row = np.arange(rows).astype(np.int32), 1
    while row < rows and not _before(keys, row, row - 1):
        row += 1
    if row >= rows:
        return order
    spare, words, spare_words = np.empty(rows, np.int32), np.empty(rows, np.uint64), np.empty(rows, np.uint64)
    for k in range(keys.shape[0] - 1, -1, -1):
        order, spare = by_one(keys[k], order, spare, words, spare_words)
    return order
