"""Small images of labels, u8[height, width]."""

from collections.abc import Iterator

import numpy as np


def label_images(seed: int, count: int) -> Iterator[np.ndarray]:
    """Sparse and dense noise, stripes, nested frames, one value, nothing: of 1 x 1 to 14 x 14, some 60 to 140 wide."""
    rng = np.random.default_rng(seed)
    for kind in range(count):
        height, width = rng.integers(1, 15, 2)
        width = rng.integers(60, 140) if kind % 25 == 0 else width
        noise = rng.integers(0, rng.integers(2, 5), (height, width))
        y, x = np.mgrid[:height, :width]
        frames = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y))
        drawn = (
            noise,
            noise * (rng.random((height, width)) < 0.4),
            (x // 2 + y) % 3 * 85,
            frames % 3,
            np.full((height, width), 255),
            np.zeros((height, width)),
        )[kind % 6]
        yield drawn.astype(np.uint8)
