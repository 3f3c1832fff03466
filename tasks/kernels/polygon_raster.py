"""Polygons to packed masks, byte for byte as pycocotools 2.0.11 makes them: `merge(frPyObjects(rings, h, w))`.

Objects are nested as in Arrow, with int64 offsets: points in rings, rings in objects.
"""

import numpy as np

from tasks.kernels.arrays import Float64, Int64, UInt8
from tasks.kernels.compile import kernel
from tasks.kernels.pairs import grow
from tasks.kernels.polygon_edges import Room, count_crossings, ring_toggles
from tasks.kernels.rle import size_fault
from tasks.kernels.rle_codec import encode_mask, longest_row
from tasks.kernels.toggles import merge_rings, toggles_to_runs

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
"""What a code of `check_polygons` means; the first fault of an object is told, ring by ring."""


@kernel
def check_polygons(
    coordinates: Float64, ring_offsets: Int64, object_offsets: Int64, height: Int64, width: Int64
) -> UInt8:
    """Codes u8[N] (see FAULTS) of N objects; arguments as in `rasterize`. No objects: no codes.

    pycocotools takes more: it reads a ring of two points as a box, and crashes on coordinates whose fifths do not fit
    32 bits. Both are refused here. Rings without area, which rounding leaves in real files, are sound: they draw
    nothing, or a line, as there.
    """
    codes = np.zeros(len(object_offsets) - 1, np.uint8)
    for item in range(len(codes)):
        first, stop = object_offsets[item], object_offsets[item + 1]
        codes[item] = NO_RINGS if first == stop else SOUND
        if size_fault(height[item], width[item]) != 0:
            codes[item] = SIZE
        crossings = 0
        for ring in range(first, stop):
            points = coordinates[2 * ring_offsets[ring] : 2 * ring_offsets[ring + 1]]
            if codes[item] == SOUND:
                codes[item] = _ring_fault(points, max(height[item], width[item]))
            if codes[item] == SOUND:
                crossings += count_crossings(points, width[item])
                codes[item] = SOUND if crossings <= MAX_CROSSINGS else CROSSINGS
    return codes


@kernel
def _ring_fault(points: Float64, longer_side: int) -> int:
    least, most = -4.0 * longer_side - 1000.0, 5.0 * longer_side + 1000.0
    for coordinate in points:
        if not np.isfinite(coordinate):
            return NOT_FINITE
        if not least <= coordinate <= most:
            return OUTSIDE
    return SOUND if len(points) >= 2 * FEWEST_POINTS else FEW_POINTS


@kernel
def rasterize(
    coordinates: Float64, ring_offsets: Int64, object_offsets: Int64, height: Int64, width: Int64
) -> tuple[UInt8, Int64]:
    """Packed masks of N objects, each the union of its rings; only for objects that `check_polygons` found sound.

    Args:
        coordinates: f64[2 P], x and y of the points in turn, in px.
        ring_offsets: i64[R + 1], in points.
        object_offsets: i64[N + 1], in rings.
        height: i64[N], of the image in px.
        width: i64[N], likewise.

    Returns:
        Flat characters u8 and their offsets i64[N + 1]; no characters for no objects.
    """
    crossings = _object_crossings(coordinates, ring_offsets, object_offsets, width)
    most = _largest(crossings)
    room = Room(
        np.empty(2 * longest_row(ring_offsets), np.int64),
        np.empty(_largest(width) + 1, np.int64),
        np.empty(most, np.int64),
    )
    toggles, spare, runs = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most + 1, np.int64)
    bounds = np.zeros(longest_row(object_offsets) + 1, np.int64)
    # What is not written to takes no memory, so a generous guess costs nothing.
    data = np.empty(2 * crossings.sum() + len(object_offsets), np.uint8)
    offsets = np.zeros(len(object_offsets), np.int64)
    for item in range(len(object_offsets) - 1):
        first, stop = object_offsets[item], object_offsets[item + 1]
        n_toggles = 0
        for ring in range(first, stop):
            points = coordinates[2 * ring_offsets[ring] : 2 * ring_offsets[ring + 1]]
            n_toggles += ring_toggles(points, height[item], width[item], room, toggles[n_toggles:])
            bounds[ring - first + 1] = n_toggles
        union = merge_rings(toggles, spare, bounds, stop - first)
        n_runs = toggles_to_runs(union, height[item] * width[item], runs)
        if offsets[item] + MAX_CHARACTERS_A_RUN * n_runs > len(data):
            data = grow(data, offsets[item], offsets[item] + MAX_CHARACTERS_A_RUN * n_runs)
        offsets[item + 1] = encode_mask(runs[:n_runs], data, offsets[item])
    return data[: offsets[-1]], offsets


@kernel
def _object_crossings(coordinates: Float64, ring_offsets: Int64, object_offsets: Int64, width: Int64) -> Int64:
    crossings = np.zeros(len(object_offsets) - 1, np.int64)
    for item in range(len(crossings)):
        for ring in range(object_offsets[item], object_offsets[item + 1]):
            points = coordinates[2 * ring_offsets[ring] : 2 * ring_offsets[ring + 1]]
            crossings[item] += count_crossings(points, width[item])
    return crossings


@kernel
def _largest(values: Int64) -> int:
    return values.max() if len(values) > 0 else 0
