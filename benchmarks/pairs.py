"""Similarities alone, warm, on one thread: python pairs.py

A million pairs of rotatable boxes, and of polylines by both distances, hardly any of which can be told apart by its
hull; then the boundaries of a thousand masks. Prints one JSON document: CPU seconds of each, and how many a second.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from measure import cpu_seconds
from numpy.typing import NDArray

from tasks.kernels.boundary import boundaries
from tasks.kernels.polyline_distance import polyline_pairs, resample
from tasks.kernels.rle import encode_runs
from tasks.kernels.rotated_iou import rotated_pairs
from tasks.shapes.rotatable_bounding_box import corners_px

Array = NDArray[Any]
UNITS, A_UNIT = 1_000, 32
PAIRS = UNITS * A_UNIT**2
LIMITS_PX = np.array([1_000.0])
"""Beyond all distances here, so that every pair is measured."""
MASKS, HEIGHT_PX, WIDTH_PX = 1_000, 480, 640


def _warm_seconds(work: Callable[[], Any]) -> float:
    work()  # loads its kernels
    return cpu_seconds(work)


def _boxes(rng: np.random.Generator) -> Array:
    rows = UNITS * A_UNIT
    parts = [rng.uniform(0, 40, (rows, 2)), rng.uniform(20, 90, (rows, 2)), rng.uniform(0, 360, (rows, 1))]
    return corners_px(np.hstack(parts))


def _lines(rng: np.random.Generator) -> Array:
    vertices = np.cumsum(rng.normal(0, 20, (UNITS * A_UNIT, 6, 2)), axis=1).reshape(-1, 2)
    return resample(vertices, np.arange(UNITS * A_UNIT + 1) * 6, 100)


def _discs(rng: np.random.Generator) -> tuple[Array, Array]:
    """Packed masks of discs of 20 to 150 px."""
    column = np.arange(WIDTH_PX)
    runs, counts = [], []
    for radius in rng.uniform(20, 150, MASKS):
        half = np.sqrt(np.maximum(0, radius**2 - (column - WIDTH_PX // 2) ** 2)).astype(int)
        start = column * HEIGHT_PX + HEIGHT_PX // 2 - half
        ends = np.stack([start, start + 2 * half], axis=1)[half > 0].ravel()
        runs.append(np.diff(np.concatenate([[0], ends, [HEIGHT_PX * WIDTH_PX]])))
        counts.append(len(runs[-1]))
    return encode_runs(np.concatenate(runs), np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))


def main() -> None:
    """Measure and print."""
    rng = np.random.default_rng(1)
    units, crowd = np.arange(UNITS + 1) * A_UNIT, np.zeros(UNITS * A_UNIT, bool)
    boxes, others, lines, other_lines = _boxes(rng), _boxes(rng), _lines(rng), _lines(rng)
    discs = _discs(rng)
    height, width, reach = (np.full(MASKS, size) for size in (HEIGHT_PX, WIDTH_PX, 16))
    every = np.ones(MASKS, bool)
    measure = partial(polyline_pairs, lines, units, other_lines, units)
    seconds = {
        "rotated_iou": (PAIRS, _warm_seconds(lambda: rotated_pairs(boxes, units, others, crowd, units, 0.1))),
        "chamfer": (PAIRS, _warm_seconds(lambda: measure(False, LIMITS_PX, 0.1))),
        "frechet": (PAIRS, _warm_seconds(lambda: measure(True, LIMITS_PX, 0.1))),
        "boundaries": (MASKS, _warm_seconds(lambda: boundaries(*discs, height, width, reach, every))),
    }
    found = {name: {"n": n, "cpu_s": took, "per_cpu_s": n / took} for name, (n, took) in seconds.items()}
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
