"""Seeded sequences of objects of several shapes that move, vanish, and change class or track; and slow oracles."""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
import shapely

from tests.tasks.quality.buckets import SIDES_PX, Record, box, frames, raster, turned

SHAPES = ("bounding_box", "rotatable_bounding_box", "bitmask", "polygon")


class Scene(NamedTuple):
    """Units, and objects on them in the order of the units."""

    units: list[Record]
    objects: list[Record]

    def of(self, sequence: str) -> list[list[int]]:
        """Places of the objects of each frame of a sequence, in the order of time."""
        places = [k for k, unit in enumerate(self.units) if unit["sequence_hash"] == sequence]
        return [[n for n, each in enumerate(self.objects) if each["unit"] == place] for place in places]

    def sequences(self) -> list[str]:
        """Names of what has more than one frame."""
        names = [unit["sequence_hash"] for unit in self.units]
        return [name for name in dict.fromkeys(names) if names.count(name) > 1]


def scene(seed: int) -> Scene:
    """Two videos, a group, and two single images, of ten frames at most."""
    rng = np.random.default_rng(seed)
    units = [
        *frames(10, "one"),
        *frames(1, "alone", kind="image"),
        *frames(7, "group", kind="group image"),
        *frames(9, "two"),
    ]
    units += frames(1, "other", kind="image")
    objects = []
    for name in dict.fromkeys(unit["sequence_hash"] for unit in units):
        places = [k for k, unit in enumerate(units) if unit["sequence_hash"] == name]
        for number in range(5):
            objects += list(_walk(rng, places, number))
    return Scene(units, sorted(objects, key=lambda each: each["unit"]))


def _walk(rng: np.random.Generator, places: list[int], number: int) -> Iterator[Record]:
    """An object over the frames: it moves a little, grows and shrinks; sometimes it is not there, or called another."""
    shape = SHAPES[int(rng.integers(len(SHAPES)))]
    x, y, w, h = rng.uniform(5, 45), rng.uniform(5, 35), rng.uniform(10, 40), rng.uniform(10, 30)
    for place in places:
        x, y = x + rng.normal(0, 1), y + rng.normal(0, 1)
        size = 0.5 if rng.random() < 0.15 else rng.uniform(0.9, 1.1)
        if rng.random() < 0.15:
            continue
        track = None if rng.random() < 0.1 else f"t{int(rng.integers(5)) if rng.random() < 0.15 else number}"
        category = int(rng.integers(3)) if rng.random() < 0.15 else number % 2
        fields = {"track": track, "category": category}
        yield _made(shape, place, (x, y, w * size, h), float(rng.uniform(0, 360)), fields)


def _made(shape: str, place: int, sides: tuple[float, float, float, float], theta: float, fields: Record) -> Record:
    if shape == "bounding_box":
        return box(place, *sides, **fields)
    if shape == "rotatable_bounding_box":
        return turned(place, *sides, theta, **fields)
    x, y, w, h = sides
    pixels = np.zeros(SIDES_PX[::-1], np.uint8)
    corners = np.array([[x, y + h / 2], [x + w / 3, y], [x + w, y + h / 3], [x + w / 2, y + h]]).astype(np.int32)
    return raster(place, cv2.fillPoly(pixels, [corners], 1) > 0, shape, **fields)


def iou(a: Record, b: Record) -> float:
    """By pixels of two masks, by outline of two boxes, else by hull."""
    if not _hulls_meet(a["bbox_px"], b["bbox_px"]):
        return 0.0
    if "pixels" in a and "pixels" in b:
        return float((a["pixels"] & b["pixels"]).sum() / (a["pixels"] | b["pixels"]).sum())
    one, other = (_outline(each, hull="pixels" in a or "pixels" in b) for each in (a, b))
    return float(one.intersection(other).area / one.union(other).area)


def _hulls_meet(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return all(max(a[k], b[k]) < min(a[k] + a[k + 2], b[k] + b[k + 2]) for k in range(2))


def _outline(each: Record, hull: bool) -> shapely.Polygon:
    if "corners" in each and not hull:
        return shapely.Polygon(each["corners"])
    x, y, w, h = each["bbox_px"]
    return shapely.box(x, y, x + w, y + h)
