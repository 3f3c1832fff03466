"""Polygons to packed masks, byte for byte as pycocotools 2.0.11 makes them: `merge(frPyObjects(rings, h, w))`.

Objects are nested as in Arrow, with int64 offsets: points in rings, rings in objects.
"""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Float64, Int64, UInt8
from tasks.kernels.compile import kernel
from tasks.kernels.json_bytes import pointer
from tasks.kernels.pairs import grow
from tasks.kernels.polygon_edges import Points, Room, count_crossings, ring_toggles
from tasks.kernels.rle import MAX_SIDE_PX, size_fault
from tasks.kernels.rle_codec import (
    FIRST_CHARACTER,
    FIRST_CONTINUING,
    FIRST_DELTA_RUN,
    GROUP_BITS,
    HALF_GROUP,
    frozen,
    longest_row,
)
from tasks.kernels.toggles import merge_rings

MAX_CHARACTERS_A_RUN = 6
"""The difference of two runs lies within 2**28 of 0: 29 bits and a sign."""
FEWEST_POINTS = 3
MAX_CROSSINGS = 2**24
"""Bounds memory and time for points that run to and fro; a mask of a megapixel has a few thousand crossings."""

SOUND, SIZE, NO_RINGS, NOT_FINITE, OUTSIDE, FEW_POINTS, CROSSINGS = range(7)
FAULTS = (
    "sound",
    "the image size is not 1..65536 by 1..65536 and at most 2**28 pixels",
    "there are no rings",
    "a coordinate is not a finite number",
    "a coordinate is more than four times the longer side of the image, and 1000 pixels, outside the image",
    "a ring has fewer than three points",
    "the outline crosses pixel columns more than 2**24 times",
)
"""What a code of `draw_polygons` means; the first fault of an object is told, ring by ring."""


class Drawn(NamedTuple):
    """N objects drawn."""

    codes: UInt8
    """u8[N], see FAULTS."""
    data: UInt8
    """Packed masks, flat characters."""
    offsets: Int64
    """i64[N + 1] into `data`; an object with a fault has no characters."""
    x: Float64
    """f64[P], divided by the width of the point's image."""
    y: Float64
    """f64[P], divided by its height."""


class _Scratch(NamedTuple):
    """Room for the largest object."""

    points: Int64
    slot: Int64
    rows: Int64
    toggles: Int64
    spare: Int64
    bounds: Int64


def draw_polygons(
    x: Float64, y: Float64, ring_offsets: Int64, object_offsets: Int64, height: Int64, width: Int64
) -> Drawn:
    """Masks of N objects, each the union of its rings, and their points relative to the image. None in, none out.

    pycocotools takes more: it reads a ring of two points as a box, and crashes on coordinates whose fifths do not fit
    32 bits. Both are faults here. Rings without area, which rounding leaves in real files, are sound: they draw
    nothing, or a line, as there.

    Args:
        x: f64[P], px.
        y: f64[P], likewise.
        ring_offsets: i64[R + 1], in points.
        object_offsets: i64[N + 1], in rings.
        height: i64[N], of the image in px.
        width: i64[N], likewise.
    """
    return Drawn(*_draw_polygons(frozen(x), frozen(y), ring_offsets, object_offsets, height, width))


@kernel
def _draw_polygons(
    x: Float64, y: Float64, ring_offsets: Int64, object_offsets: Int64, height: Int64, width: Int64
) -> tuple[UInt8, UInt8, Int64, Float64, Float64]:
    codes, crossings = _check(pointer(x), pointer(y), ring_offsets, object_offsets, height, width)
    most = _largest(crossings)
    scratch = _Scratch(
        np.empty(3 * longest_row(ring_offsets), np.int64),
        np.empty(min(_largest(width), MAX_SIDE_PX) + 1, np.int64),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.zeros(longest_row(object_offsets) + 1, np.int64),
    )
    # What is not written to takes no memory, so a generous guess costs nothing.
    data = np.empty(2 * crossings.sum() + len(codes), np.uint8)
    offsets = np.zeros(len(object_offsets), np.int64)
    for item in range(len(codes)):
        offsets[item + 1] = offsets[item]
        if codes[item] == SOUND:
            first, stop = object_offsets[item], object_offsets[item + 1]
            toggles = _toggles(x, y, ring_offsets[first : stop + 1], height[item], width[item], scratch)
            needed = offsets[item] + MAX_CHARACTERS_A_RUN * (len(toggles) + 1)
            if needed > len(data):
                data = grow(data, offsets[item], needed)
            offsets[item + 1] = _pack(toggles, height[item] * width[item], data, offsets[item])
    relative = _relative(x, y, ring_offsets, object_offsets, height, width)
    return codes, data[: offsets[-1]], offsets, relative[0], relative[1]


@kernel
def _check(
    x: Float64, y: Float64, ring_offsets: Int64, object_offsets: Int64, height: Int64, width: Int64
) -> tuple[UInt8, Int64]:
    """(codes, column crossings of the sound objects); `x` and `y` are pointers."""
    codes = np.zeros(len(object_offsets) - 1, np.uint8)
    crossings = np.zeros(len(codes), np.int64)
    for item in range(len(codes)):
        first, stop = object_offsets[item], object_offsets[item + 1]
        codes[item] = NO_RINGS if first == stop else SOUND
        if size_fault(height[item], width[item]) != 0:
            codes[item] = SIZE
        for ring in range(first, stop):
            begin, end = ring_offsets[ring], ring_offsets[ring + 1]
            if codes[item] == SOUND:
                codes[item] = _ring_fault(x, y, begin, end, max(height[item], width[item]))
            if codes[item] == SOUND:
                crossings[item] += count_crossings(x, begin, end, width[item])
                codes[item] = SOUND if crossings[item] <= MAX_CROSSINGS else CROSSINGS
        if codes[item] != SOUND:
            crossings[item] = 0
    return codes, crossings


@kernel
def _ring_fault(x: Float64, y: Float64, begin: int, end: int, longer_side: int) -> int:
    least, most = -4.0 * longer_side - 1000.0, 5.0 * longer_side + 1000.0
    for i in range(begin, end):
        if not (np.isfinite(x[i]) and np.isfinite(y[i])):
            return NOT_FINITE
        if not (least <= x[i] <= most and least <= y[i] <= most):
            return OUTSIDE
    return SOUND if end - begin >= FEWEST_POINTS else FEW_POINTS


@kernel
def _largest(values: Int64) -> int:
    largest = 0
    for value in values:
        largest = max(largest, value)
    return largest


@kernel
def _toggles(x: Float64, y: Float64, ring_offsets: Int64, height: int, width: int, scratch: _Scratch) -> Int64:
    """Toggles (see `toggles`) of a sound object, whose rings are `ring_offsets`."""
    points, toggles = Points(pointer(x), pointer(y)), pointer(scratch.toggles)
    room = Room(pointer(scratch.points), pointer(scratch.slot), pointer(scratch.rows), scratch.rows)
    n_toggles, n_rings = 0, len(ring_offsets) - 1
    for ring in range(n_rings):
        start, stop = ring_offsets[ring], ring_offsets[ring + 1]
        n_toggles = ring_toggles(points, start, stop, height, width, room, toggles, n_toggles)
        scratch.bounds[ring + 1] = n_toggles
    if n_rings == 1:
        return scratch.toggles[:n_toggles]
    return merge_rings(scratch.toggles, scratch.spare, scratch.bounds, n_rings)


@kernel
def _pack(toggles_array: Int64, n_pixels: int, data_array: UInt8, position: int) -> int:
    """Write a mask's characters (see `rle_codec`) at `position` of `data`; return the next position.

    As `toggles_to_runs` and `encode_mask` do, in one go.
    """
    toggles, data, n_toggles = pointer(toggles_array), pointer(data_array), len(toggles_array)
    at, last, second_last = 0, 0, 0
    ends_inside = n_toggles > 0 and toggles[n_toggles - 1] == n_pixels
    for run in range(n_toggles if ends_inside else n_toggles + 1):
        end = toggles[run] if run < n_toggles else n_pixels
        value = end - at - (second_last if run >= FIRST_DELTA_RUN else 0)
        second_last, last, at = last, end - at, end
        while not -HALF_GROUP <= value < HALF_GROUP:
            data[position] = np.uint8(FIRST_CONTINUING + (value & 31))
            value >>= GROUP_BITS
            position += 1
        data[position] = np.uint8(FIRST_CHARACTER + (value & 31))
        position += 1
    return position


@kernel
def _relative(
    x: Float64, y: Float64, ring_offsets: Int64, object_offsets: Int64, height: Int64, width: Int64
) -> tuple[Float64, Float64]:
    """Points divided by the size of their image."""
    relative_x, relative_y = np.empty(len(x)), np.empty(len(y))
    for item in range(len(object_offsets) - 1):
        for i in range(ring_offsets[object_offsets[item]], ring_offsets[object_offsets[item + 1]]):
            relative_x[i] = x[i] / width[item]
            relative_y[i] = y[i] / height[item]
    return relative_x, relative_y
