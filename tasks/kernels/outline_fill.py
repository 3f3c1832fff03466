"""Outlines drawn as OpenCV's `fillPoly` draws them: whole vertices, the border with what lies inside.

Encord Active compares polygons by such masks; COCO's raster of the same polygon has a border less. Equal to OpenCV 5.0
pixel by pixel where no vertex leaves the image; where one does, OpenCV moves the edges a little when it cuts them.
"""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Float64, Int64, UInt8
from tasks.kernels.compile import kernel
from tasks.kernels.pairs import grow
from tasks.kernels.rle_codec import encode_mask, longest_row
from tasks.kernels.toggles import push_toggle, toggles_to_runs

_FRACTION = 1 << 16
"""OpenCV follows edges in steps of 1 / 65536 px."""
_MOST_CHARACTERS = 7
"""Of a packed run."""


class _Canvas(NamedTuple):
    """The pixels about one outline, inside the image: column by column."""

    left: int
    top: int
    width: int
    height: int
    pixels: UInt8


@kernel
def _set(canvas: _Canvas, x: int, y: int) -> None:
    column, row = x - canvas.left, y - canvas.top
    if 0 <= column < canvas.width and 0 <= row < canvas.height:
        canvas.pixels[column * canvas.height + row] = 1


@kernel
def _draw_line(canvas: _Canvas, x0: int, y0: int, x1: int, y1: int) -> None:
    """A line of touching pixels, from the left end to the right one; of halves the nearer to its beginning."""
    if x1 < x0:
        x0, y0, x1, y1 = x1, y1, x0, y0
    across, down = x1 - x0, abs(y1 - y0)
    step_y = 1 if y1 > y0 else -1
    steep = down > across
    long, short = (down, across) if steep else (across, down)
    x, y, error = x0, y0, long - 2 * short
    for _ in range(long + 1):
        _set(canvas, x, y)
        aside = error < 0
        error += (2 * long if aside else 0) - 2 * short
        if steep:
            y += step_y
            x += aside
        else:
            x += 1
            y += step_y * aside


@kernel
def _fill_row(canvas: _Canvas, x: Int64, y: Int64, row: int, crossings: Int64) -> None:
    """Fill between the edges that cross a row, the first and second from the left, the third and fourth, ..."""
    n = 0
    for i in range(len(x)):
        x0, y0, x1, y1 = x[i - 1], y[i - 1], x[i], y[i]
        if y0 > y1:
            x0, y0, x1, y1 = x1, y1, x0, y0
        if y0 <= row < y1:
            step = int((x1 - x0) * _FRACTION / (y1 - y0))  # towards zero, as in C
            crossings[n] = x0 * _FRACTION + step * (row - y0)
            n += 1
    crossings[:n].sort()
    for pair in range(0, n - 1, 2):
        start, stop = -(-crossings[pair] // _FRACTION), crossings[pair + 1] // _FRACTION
        for column in range(max(start, canvas.left), min(stop, canvas.left + canvas.width - 1) + 1):
            _set(canvas, column, row)


@kernel
def _canvas(x: Int64, y: Int64, height: int, width: int) -> _Canvas:
    left, top = max(x.min(), 0), max(y.min(), 0)
    across, down = max(min(x.max(), width - 1) - left + 1, 0), max(min(y.max(), height - 1) - top + 1, 0)
    return _Canvas(left, top, across, down, np.zeros(across * down, np.uint8))


@kernel
def _drawn(x: Int64, y: Int64, height: int, width: int, crossings: Int64) -> _Canvas:
    canvas = _canvas(x, y, height, width)
    for i in range(len(x)):
        _draw_line(canvas, x[i - 1], y[i - 1], x[i], y[i])
    for row in range(canvas.top, canvas.top + canvas.height):
        _fill_row(canvas, x, y, row, crossings)
    return canvas


@kernel
def _toggles(canvas: _Canvas, height: int) -> Int64:
    """Positions in the image, counted down its columns, where pixels set begin and end."""
    toggles, n = np.empty(len(canvas.pixels) + 2 * canvas.width + 1, np.int64), 0
    for column in range(canvas.width):
        before = 0
        for row in range(canvas.height):
            now = canvas.pixels[column * canvas.height + row]
            if now != before:
                n = push_toggle(toggles, n, (canvas.left + column) * height + canvas.top + row)
            before = now
        if before:
            n = push_toggle(toggles, n, (canvas.left + column) * height + canvas.top + canvas.height)
    return toggles[:n]


@kernel
def fill_outlines(x: Float64, y: Float64, offsets: Int64, height: Int64, width: Int64) -> tuple[UInt8, Int64]:
    """(packed masks uint8, offsets int64[N+1]) of N outlines, closed, even-odd inside; points float64 in px.

    Outline k has the points offsets[k]:offsets[k+1], at least one, cut to whole pixels as C cuts; what leaves the image
    of `height` x `width` is left out. No outlines: no masks.
    """
    whole_x, whole_y = x.astype(np.int64), y.astype(np.int64)
    crossings = np.empty(longest_row(offsets), np.int64)
    data, ends = np.empty(64 * len(offsets), np.uint8), np.zeros(len(offsets), np.int64)
    for k in range(len(offsets) - 1):
        first, stop = offsets[k], offsets[k + 1]
        canvas = _drawn(whole_x[first:stop], whole_y[first:stop], height[k], width[k], crossings)
        toggles = _toggles(canvas, height[k])
        runs = np.empty(len(toggles) + 2, np.int64)
        n = toggles_to_runs(toggles, height[k] * width[k], runs)
        needed = ends[k] + _MOST_CHARACTERS * n
        if needed > len(data):
            data = grow(data, ends[k], needed)
        ends[k + 1] = encode_mask(runs[:n], data, ends[k])
    return data[: ends[-1]], ends
