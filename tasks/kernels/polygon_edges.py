"""Where the edges of one polygon ring cross the columns of an image, as pycocotools 2.0.11 (`rleFrPoly`) finds them.

pycocotools rounds points to a grid of fifths of a pixel and walks every edge on that grid, step by step. Where the walk
passes the middle of a column of pixels, from grid column 5 X + 2 to 5 X + 3, the mask changes between outside and
inside in row floor((v + 2) / 5), v being the smaller grid row of the two steps. Here each edge is asked for just these
steps, with the same floating point expressions, so that the same roundings come out.

Crossings are laid out column by column before any is known: how many a column has follows from the points alone.
Arrays come as pointers (`json_bytes.pointer`); an object has some 200 crossings, and each is worth a few nanoseconds.
"""

from typing import NamedTuple

from tasks.kernels.arrays import Float64, Int64
from tasks.kernels.compile import kernel
from tasks.kernels.sorting import sort_ascending

GRID = 5
"""Grid steps a pixel."""
_POINT = 3
"""Numbers that `Room.points` holds for each point: x and y in grid steps, and the first pixel column after it."""


class Points(NamedTuple):
    """Points of all rings."""

    x: Float64
    """Pointer to f64, px."""
    y: Float64
    """Likewise."""


class Room(NamedTuple):
    """Scratch for one ring."""

    points: Int64
    """Pointer to i64, 3 a point."""
    slot: Int64
    """Pointer to i64[width + 1]: where the next crossing of a column goes in `rows`."""
    rows: Int64
    """Pointer to the rows of the crossings, column by column."""
    rows_array: Int64
    """The same as an array."""


@kernel
def grid_step(coordinate_px: float) -> int:
    """Nearest grid step; below 0 pycocotools cuts off towards 0 instead."""
    return int(GRID * coordinate_px + 0.5)


@kernel
def pixel_after(step: int, n_pixels: int) -> int:
    """First of `n_pixels` pixels whose middle lies after this grid step; `n_pixels` where none does."""
    return min((max(step, 0) + 2) // GRID, n_pixels)


@kernel
def count_crossings(x: Float64, start: int, stop: int, width: int) -> int:
    """How often the ring of points `start` to `stop` passes the middle of a column; `x` is a pointer to f64, px."""
    if start == stop:
        return 0
    crossings = 0
    before = pixel_after(grid_step(x[stop - 1]), width)
    for i in range(start, stop):
        column = pixel_after(grid_step(x[i]), width)
        crossings += abs(column - before)
        before = column
    return crossings


@kernel
def ring_toggles(
    points: Points, start: int, stop: int, height: int, width: int, room: Room, toggles: Int64, n_toggles: int
) -> int:
    """Append the toggles (see `toggles`) of the ring of points `start` to `stop`; return how many there are then."""
    if start == stop:
        return n_toggles
    left, right = _take_points(points, start, stop, width, room)
    _lay_out_columns(stop - start, left, right, room)
    _cross(stop - start, height, room)
    return _collect(left, right, height, room, toggles, n_toggles)


@kernel
def _take_points(points: Points, start: int, stop: int, width: int, room: Room) -> tuple[int, int]:
    """Round the points to the grid; return the columns of the ring, the last excluded."""
    left, right = width, 0
    for i in range(start, stop):
        at = _POINT * (i - start)
        u = grid_step(points.x[i])
        column = pixel_after(u, width)
        room.points[at], room.points[at + 1], room.points[at + 2] = u, grid_step(points.y[i]), column
        left, right = min(left, column), max(right, column)
    return left, right


@kernel
def _lay_out_columns(n_points: int, left: int, right: int, room: Room) -> None:
    """Set `slot` to where each column's crossings begin."""
    for column in range(left, right + 1):
        room.slot[column] = 0
    before = room.points[_POINT * n_points - 1]
    for i in range(n_points):
        column = room.points[_POINT * i + 2]
        room.slot[min(before, column)] += 1
        room.slot[max(before, column)] -= 1
        before = column
    start, edges = 0, 0
    for column in range(left, right):
        edges += room.slot[column]
        room.slot[column] = start
        start += edges


@kernel
def _cross(n_points: int, height: int, room: Room) -> None:
    """Write the row of every crossing to its slot."""
    at = _POINT * (n_points - 1)
    u, v, column = room.points[at], room.points[at + 1], room.points[at + 2]
    for i in range(0, _POINT * n_points, _POINT):
        next_u, next_v, next_column = room.points[i], room.points[i + 1], room.points[i + 2]
        if next_column != column:
            first, stop = min(column, next_column), max(column, next_column)
            if abs(next_u - u) >= abs(next_v - v):
                _cross_flat(u, v, next_u, next_v, first, stop, height, room)
            else:
                _cross_steep(u, v, next_u, next_v, first, stop, height, room)
        u, v, column = next_u, next_v, next_column


@kernel
def _cross_flat(u: int, v: int, next_u: int, next_v: int, first: int, stop: int, height: int, room: Room) -> None:
    """Edge that pycocotools walks column by column, from its left end."""
    if next_u < u:
        u, v, next_u, next_v = next_u, next_v, u, v
    slope = (next_v - v) / (next_u - u)
    # Of the two steps about the middle of a column, the one with the smaller row.
    step = GRID * first + 2 - u + (slope < 0)
    for column in range(first, stop):
        row = int(v + slope * step + 0.5)
        at = room.slot[column]
        room.rows[at] = pixel_after(row, height)
        room.slot[column] = at + 1
        step += GRID


@kernel
def _cross_steep(u: int, v: int, next_u: int, next_v: int, first: int, stop: int, height: int, room: Room) -> None:
    """Edge that pycocotools walks row by row, from its upper end."""
    if next_v < v:
        u, v, next_u, next_v = next_u, next_v, u, v
    slope, rows_a_column = (next_u - u) / (next_v - v), (next_v - v) / (next_u - u)
    to_the_right = next_u > u
    for column in range(first, stop):
        middle = GRID * column + 3
        # Where the line meets the middle, cut off; the walk passes it at this step or one or two later.
        step = int((middle - 0.5 - u) * rows_a_column)
        while (u + slope * step + 0.5 >= middle) != to_the_right:
            step += 1
        at = room.slot[column]
        room.rows[at] = pixel_after(v + step - 1, height)
        room.slot[column] = at + 1


@kernel
def _push(toggles: Int64, first: int, n_toggles: int, position: int) -> int:
    """As `toggles.push_toggle`, through a pointer to the toggles of several rings; this one's begin at `first`."""
    if n_toggles > first and toggles[n_toggles - 1] == position:
        return n_toggles - 1
    toggles[n_toggles] = position
    return n_toggles + 1


@kernel
def _collect(left: int, right: int, height: int, room: Room, toggles: Int64, n_toggles: int) -> int:
    """Crossings in column-major order; by now `slot` says where each column's crossings end."""
    first, start, top = n_toggles, 0, left * height
    for column in range(left, right):
        stop = room.slot[column]
        if stop - start == 2:  # in and out again: most columns of most outlines
            one, other = room.rows[start], room.rows[start + 1]
            n_toggles = _push(toggles, first, n_toggles, top + min(one, other))
            n_toggles = _push(toggles, first, n_toggles, top + max(one, other))
        else:
            sort_ascending(room.rows_array, start, stop)
            for i in range(start, stop):
                n_toggles = _push(toggles, first, n_toggles, top + room.rows[i])
        start = stop
        top += height
    return n_toggles
