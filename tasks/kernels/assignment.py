"""The assignment of rows to columns with the highest total score: shortest augmenting paths over dual prices.

Frame after frame is assigned inside compiled loops, where no library can be called. Of several best assignments it
takes the one that scipy's `linear_sum_assignment` takes, on which trackeval's numbers rest. Source of the method:
Crouse, "On implementing 2D rectangular assignment algorithms", IEEE TAES 2016.
"""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int32, Int64
from tasks.kernels.compile import kernel

_FREE = -1


class _Search(NamedTuple):
    """The search for a free column from one row; n rows, m columns."""

    distance: Float64
    """float64[m]: length of the shortest path to each column so far."""
    path: Int32
    """int32[m]: the row before each column."""
    open: Int64
    """int64[m]: columns that are not settled; the first so many count."""
    row_reached: Bool
    column_settled: Bool


class _Prices(NamedTuple):
    """Dual variables."""

    rows: Float64
    columns: Float64


@kernel
def _new_search(rows: int, columns: int) -> _Search:
    distance, path = np.full(columns, np.inf), np.full(columns, _FREE, np.int32)
    return _Search(
        distance, path, np.arange(columns)[::-1].copy(), np.zeros(rows, np.bool_), np.zeros(columns, np.bool_)
    )


@kernel
def _relax(score: Float64, row: int, length: float, prices: _Prices, row_of: Int32, search: _Search, left: int) -> int:
    """Shorten paths through a row; return the place in `open` of the nearest column, a free one where several are."""
    nearest, lowest = -1, np.inf
    for place in range(left):
        column = search.open[place]
        through = length - score[row, column] - prices.rows[row] - prices.columns[column]
        if through < search.distance[column]:
            search.path[column], search.distance[column] = row, through
        distance = search.distance[column]
        if distance < lowest or (distance == lowest and row_of[column] == _FREE):
            lowest, nearest = distance, place
    return nearest


@kernel
def _find_free(score: Float64, start: int, prices: _Prices, row_of: Int32, search: _Search) -> int:
    """The free column at the end of the shortest path from a row."""
    row, length, left = start, 0.0, len(row_of)
    while True:
        search.row_reached[row] = True
        place = _relax(score, row, length, prices, row_of, search, left)
        column = search.open[place]
        length = search.distance[column]
        search.column_settled[column] = True
        left -= 1
        search.open[place] = search.open[left]
        if row_of[column] == _FREE:
            return column
        row = row_of[column]


@kernel
def _reprice(start: int, end: int, column_of: Int32, prices: _Prices, search: _Search) -> None:
    """Prices under which the path from row `start` to column `end` costs nothing more."""
    length = search.distance[end]
    prices.rows[start] += length
    for row in range(len(column_of)):
        if search.row_reached[row] and row != start:
            prices.rows[row] += length - search.distance[column_of[row]]
    for column in range(len(search.column_settled)):
        if search.column_settled[column]:
            prices.columns[column] -= length - search.distance[column]


@kernel
def _assign_wide(score: Float64) -> Int32:
    """`assign` where there are no more rows than columns."""
    rows, columns = score.shape
    column_of, row_of = np.full(rows, _FREE, np.int32), np.full(columns, _FREE, np.int32)
    prices = _Prices(np.zeros(rows), np.zeros(columns))
    for start in range(rows):
        search = _new_search(rows, columns)
        column = _find_free(score, start, prices, row_of, search)
        _reprice(start, column, column_of, prices, search)
        row = -1
        while row != start:
            row = search.path[column]
            row_of[column] = row
            column_of[row], column = column, column_of[row]
    return column_of


@kernel
def assign(score: Float64) -> Int32:
    """int32[n]: the column of each row, each once, with the highest total score; -1 for rows beyond m.

    `score` float64[n, m], C order, finite. No rows: none; no columns: all -1.
    """
    rows, columns = score.shape
    if rows <= columns:
        return _assign_wide(score)
    column_of = np.full(rows, _FREE, np.int32)
    for column, row in enumerate(_assign_wide(np.ascontiguousarray(score.T))):
        column_of[row] = column
    return column_of
