"""Where the edges of one polygon ring cross the columns of an image, as pycocotools 2.0.11 (`rleFrPoly`) finds them.

pycocotools rounds points to a grid of fifths of a pixel and walks every edge on that grid, step by step. Where the walk
passes the middle of a column of pixels, from grid column 5 X + 2 to 5 X + 3, the mask changes between outside and
inside in row floor((v + 2) / 5), v being the smaller grid row of the two steps. Here each edge is asked for just these
steps, with the same floating point expressions, so that the same roundings come out.
"""

from typing import NamedTuple

from tasks.kernels.arrays import Float64, Int64
from tasks.kernels.compile import kernel
from tasks.kernels.sorting import sort_ascending
from tasks.kernels.toggles import push_toggle

GRID = 5
"""Grid steps a pixel."""


class Room(NamedTuple):
    """Scratch for one ring."""

    grid: Int64
    """i64[2 n]: x and y of the n points in grid steps"""
    slot: Int64
    """i64[width + 1]: where the next crossing of a column goes in `rows`"""
    rows: Int64
    """Rows of the crossings, column by column"""


@kernel
def grid_step(coordinate_px: float) -> int:
    """Nearest grid step; below 0 pycocotools cuts off towards 0 instead."""
    return int(GRID * coordinate_px + 0.5)


@kernel
def pixel_after(step: int, n_pixels: int) -> int:
    """First of `n_pixels` pixels whose middle lies after this grid step; `n_pixels` where none does."""
    return min((max(step, 0) + 2) // GRID, n_pixels)


@kernel
def count_crossings(coordinates: Float64, width: int) -> int:
    """How often a ring passes the middle of a column; `coordinates` are f64[2 n], x and y of its points in px."""
    if len(coordinates) == 0:
        return 0
    crossings = 0
    before = pixel_after(grid_step(coordinates[-2]), width)
    for i in range(0, len(coordinates), 2):
        column = pixel_after(grid_step(coordinates[i]), width)
        crossings += abs(column - before)
        before = column
    return crossings


@kernel
def ring_toggles(coordinates: Float64, height: int, width: int, room: Room, toggles: Int64) -> int:
    """Write the toggles (see `toggles`) of one ring; return how many. No points: none."""
    if len(coordinates) == 0:
        return 0
    for i in range(len(coordinates)):
        room.grid[i] = grid_step(coordinates[i])
    left, right = _lay_out_columns(len(coordinates), width, room)
    u, v = room.grid[len(coordinates) - 2], room.grid[len(coordinates) - 1]
    for i in range(0, len(coordinates), 2):
        next_u, next_v = room.grid[i], room.grid[i + 1]
        if abs(next_u - u) >= abs(next_v - v):
            _cross_flat(u, v, next_u, next_v, height, width, room)
        else:
            _cross_steep(u, v, next_u, next_v, height, width, room)
        u, v = next_u, next_v
    return _collect(left, right, height, room, toggles)


@kernel
def _lay_out_columns(size: int, width: int, room: Room) -> tuple[int, int]:
    """Set `slot` to where each column's crossings begin; return the columns of the ring, the last excluded."""
    left, right = width, 0
    for i in range(0, size, 2):
        column = pixel_after(room.grid[i], width)
        left, right = min(left, column), max(right, column)
    room.slot[left : right + 1] = 0
    before = pixel_after(room.grid[size - 2], width)
    for i in range(0, size, 2):
        column = pixel_after(room.grid[i], width)
        room.slot[min(before, column)] += 1
        room.slot[max(before, column)] -= 1
        before = column
    start, edges = 0, 0
    for column in range(left, right):
        edges += room.slot[column]
        room.slot[column] = start
        start += edges
    return left, right


@kernel
def _cross_flat(u: int, v: int, next_u: int, next_v: int, height: int, width: int, room: Room) -> None:
    """Edge that pycocotools walks column by column, from its left end."""
    if next_u < u:
        u, v, next_u, next_v = next_u, next_v, u, v
    first, stop = pixel_after(u, width), pixel_after(next_u, width)
    if first >= stop:
        return
    slope = (next_v - v) / (next_u - u)
    # Of the two steps about the middle of a column, the one with the smaller row.
    step = GRID * first + 2 - u + (slope < 0)
    for column in range(first, stop):
        row = int(v + slope * step + 0.5)
        room.rows[room.slot[column]] = pixel_after(row, height)
        room.slot[column] += 1
        step += GRID


@kernel
def _cross_steep(u: int, v: int, next_u: int, next_v: int, height: int, width: int, room: Room) -> None:
    """Edge that pycocotools walks row by row, from its upper end."""
    if next_v < v:
        u, v, next_u, next_v = next_u, next_v, u, v
    first, stop = pixel_after(min(u, next_u), width), pixel_after(max(u, next_u), width)
    if first >= stop:
        return
    slope, rows_a_column = (next_u - u) / (next_v - v), (next_v - v) / (next_u - u)
    to_the_right = next_u > u
    for column in range(first, stop):
        middle = GRID * column + 3
        # Where the line meets the middle, cut off; the walk passes it at this step or one or two later.
        step = int((middle - 0.5 - u) * rows_a_column)
        while (u + slope * step + 0.5 >= middle) != to_the_right:
            step += 1
        room.rows[room.slot[column]] = pixel_after(v + step - 1, height)
        room.slot[column] += 1


@kernel
def _collect(left: int, right: int, height: int, room: Room, toggles: Int64) -> int:
    """Crossings in column-major order; by now `slot` says where each column's crossings end."""
    n_toggles, start = 0, 0
    for column in range(left, right):
        stop = room.slot[column]
        sort_ascending(room.rows, start, stop)
        for i in range(start, stop):
            n_toggles = push_toggle(toggles, n_toggles, column * height + room.rows[i])
        start = stop
    return n_toggles
