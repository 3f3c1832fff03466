"""Boxes of tracks as arrays, for tests: a row says sequence, frame, track and x; every box is 10 px wide and high."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from tasks.kernels.track_scene import Scene
from tasks.tracks.boxes import Boxes, Units
from tasks.tracks.scene import frames_of, scene_of

Row = tuple[int, int, str, float]
FRAMES = 10
"""Of each of two sequences."""


def units() -> Units:
    """Two sequences, a and b."""
    sequence, frame = np.repeat([0, 1], FRAMES), np.tile(np.arange(FRAMES), 2)
    return Units(sequence, pa.array(["a", "b"]), frame, np.arange(2 * FRAMES))


def boxes(*rows: Row, category: Sequence[int] = ()) -> Boxes:
    """Boxes in their order; all of class 0 unless `category` says other."""
    names = sorted({track for _, _, track, _ in rows})
    places = np.array([[x, 0.0, 10.0, 10.0] for _, _, _, x in rows]).reshape(-1, 4)
    return Boxes(
        np.array([sequence * FRAMES + frame for sequence, frame, _, _ in rows], np.int64),
        np.array(category or [0] * len(rows), np.int64),
        np.array([names.index(track) for _, _, track, _ in rows], np.int64),
        places,
        np.arange(len(rows)),
        np.zeros(len(rows), bool),
        names,
    )


def scene(truth: Sequence[Row], found: Sequence[Row]) -> Scene:
    """What the kernels judge."""
    sides = boxes(*truth), boxes(*found)
    return scene_of(frames_of(*sides, units(), 1), *sides, units())
