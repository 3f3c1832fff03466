"""Lists of rows as the kernels take them: flat data and int64 offsets."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from pycocotools import mask as reference

from tasks.kernels.arrays import Int64, UInt8


def offsets_of(sizes: Sequence[int]) -> Int64:
    """Where rows of these sizes begin, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def flat_bytes(rows: Sequence[bytes]) -> tuple[UInt8, Int64]:
    """Rows of characters, flat."""
    return np.frombuffer(b"".join(rows), np.uint8), offsets_of([len(row) for row in rows])


def rows_of(data: UInt8, offsets: Int64) -> list[bytes]:
    """The rows again."""
    return [data[start:stop].tobytes() for start, stop in pairwise(offsets)]


def random_bitmaps(rng: np.random.Generator, count: int) -> list[np.ndarray]:
    """Noise, blobs, stripes, empty and full images of 1 x 1 to 60 x 60 pixels."""
    bitmaps = []
    for kind in range(count):
        height, width = rng.integers(1, 60, 2)
        noise = rng.random((height, width))
        y, x = np.mgrid[:height, :width]
        blob = (x - width / 2) ** 2 + (y - height / 3) ** 2 < rng.uniform(1, 400)
        bitmaps.append(
            (
                noise < rng.random(),
                blob & (noise < 0.95),
                (x // 3 + y) % 4 == 0,
                np.zeros((height, width), bool),
                np.ones((height, width), bool),
            )[kind % 5]
        )
    return bitmaps


def packed(bitmap: np.ndarray) -> bytes:
    """pycocotools' characters of a bitmap."""
    return reference.encode(np.asfortranarray(bitmap, dtype=np.uint8))["counts"]
