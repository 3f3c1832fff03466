"""Run lengths row by row, as Encord writes masks, turned into COCO's, which go column by column.

No mask is drawn: a pixel starts a run by columns where it differs from the pixel above it (in the top row, from the
last pixel of the column before), and rows differ only where one of them has runs of its own.
"""

import numpy as np

from tasks.kernels.arrays import Int64, UInt8
from tasks.kernels.compile import kernel
from tasks.kernels.rle_codec import encode_mask, encoded_size

MOST_RUNS = 1 << 24
"""Runs by columns that one mask may have: a few full rows make one run of every pixel, 8 bytes each."""


@kernel
def _intervals(ends: Int64, run: int, row: int, width: int, columns: Int64) -> tuple[int, int]:
    """(columns written, first run of the next row): where the foreground of `row` starts and stops, in turn.

    `ends` are the positions after each run, row by row; `run` is the first run that ends after the row's start.
    """
    start, stop = row * width, (row + 1) * width
    n = 0
    while run < len(ends):
        begin = ends[run - 1] if run > 0 else 0
        if begin >= stop:
            break
        if run % 2 == 1:
            columns[n] = max(begin, start) - start
            columns[n + 1] = min(ends[run], stop) - start
            n += 2
        if ends[run] > stop:
            break
        run += 1
    return n, run


@kernel
def _differences(first: Int64, n_first: int, second: Int64, n_second: int, columns: Int64) -> int:
    """Where two rows differ: bounds of intervals, in turn, from the bounds of each row's; how many there are.

    Bounds that both rows have cancel out.
    """
    i, j, n = 0, 0, 0
    while i < n_first or j < n_second:
        if j == n_second or (i < n_first and first[i] < second[j]):
            bound = first[i]
            i += 1
        elif i == n_first or second[j] < first[i]:
            bound = second[j]
            j += 1
        else:
            i += 1
            j += 1
            continue
        if n > 0 and columns[n - 1] == bound:
            n -= 1
        else:
            columns[n] = bound
            n += 1
    return n


@kernel
def _moved_right(columns: Int64, n: int, width: int) -> int:
    """Intervals moved by one column, without what leaves the row; how many bounds are left."""
    for k in range(n):
        columns[k] = min(columns[k] + 1, width)
    return n - 2 if n > 0 and columns[n - 2] == width else n


@kernel
def _scan(ends: Int64, height: int, width: int, starts: Int64, counted: Int64) -> None:
    """Go over all rows; add to `counted` (int64[width]) the runs that start in each column.

    Where `starts` has room for them, write their positions by columns, those of column c from counted[c] on.
    """
    most = min(len(ends) + 3, 2 * width + 4)
    above, here, changed = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(2 * most, np.int64)
    last_row = (height - 1) * width
    first = int(np.searchsorted(ends, last_row, side="right"))
    n_above, _ = _intervals(ends, first, height - 1, width, above)
    n_above = _moved_right(above, n_above, width)
    run = 0
    for row in range(height):
        n_here, after = _intervals(ends, run, row, width, here)
        n = _differences(above, n_above, here, n_here, changed)
        for k in range(0, n, 2):
            for column in range(changed[k], changed[k + 1]):
                if len(starts) > 0:
                    starts[counted[column]] = column * height + row
                counted[column] += 1
        above, here, n_above, run = here, above, n_here, after


@kernel
def by_columns(runs: Int64, height: int, width: int) -> UInt8:
    """COCO's packed characters of one mask given by its runs by rows, which fill height x width; nothing where it would
    have more than MOST_RUNS runs. Background first; a run of 0 stands only in the first place.
    """
    ends = np.cumsum(runs)
    counted = np.zeros(width + 1, np.int64)
    _scan(ends, height, width, counted[:0], counted)
    offset = 0
    for column in range(width):
        offset, counted[column] = offset + counted[column], offset
    if offset >= MOST_RUNS:
        return np.empty(0, np.uint8)
    starts = np.empty(max(offset, 1), np.int64)
    _scan(ends, height, width, starts, counted)
    lengths = np.empty(offset + 1, np.int64)
    before = 0
    for k in range(offset):
        lengths[k] = starts[k] - before
        before = starts[k]
    lengths[offset] = height * width - before
    data = np.empty(encoded_size(lengths), np.uint8)
    encode_mask(lengths, data, 0)
    return data
