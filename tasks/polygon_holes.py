"""Masks of polygons with holes, which COCO has no room for: the pixels of a shell without those of its holes."""

import numpy as np

from schemas.records import Array
from tasks.kernels.polygon_raster import draw_polygons
from tasks.kernels.rle import decode_runs, encode_runs


def rasterize_with_holes(
    x: Array, y: Array, rings: Array, polygons: Array, height_px: int, width_px: int
) -> tuple[Array, Array]:
    """(uint8 data, int64[2] offsets) of the mask of one object, COCO compressed.

    x and y float64[P], px; ring r is points rings[r] to rings[r + 1]; polygon p has rings
    polygons[p]:polygons[p + 1], of which the first is the shell. A pixel belongs to the object where it belongs to a
    polygon's shell and to none of that polygon's holes; shell and holes are drawn as COCO draws rings.
    """
    count = len(rings) - 1
    size = np.full(count, height_px, np.int64), np.full(count, width_px, np.int64)
    drawn = draw_polygons(x, y, rings, np.arange(count + 1), *size)
    runs, offsets = decode_runs(drawn.data, drawn.offsets)
    whole = np.zeros(height_px * width_px, bool)
    for first, stop in zip(polygons[:-1].tolist(), polygons[1:].tolist(), strict=True):
        part = _pixels(runs[offsets[first] : offsets[first + 1]])
        for hole in range(first + 1, stop):
            part &= ~_pixels(runs[offsets[hole] : offsets[hole + 1]])
        whole |= part
    edges = np.flatnonzero(np.diff(np.concatenate([[False], whole])))
    lengths = np.diff(np.concatenate([[0], edges, [len(whole)]])).astype(np.int64)
    return encode_runs(lengths, np.array([0, len(lengths)], np.int64))


def _pixels(runs: Array) -> Array:
    """bool[height * width] of runs of background and object in turn."""
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs)
