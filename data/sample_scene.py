"""The images of the sample project, what is on them, and the annotations of it."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as mask_api

Array = NDArray[np.float64]
Record = dict[str, Any]
Box = tuple[float, float, float, float]

SIZES_PX = ((640, 480), (480, 640), (640, 427))
SMALL_PX2 = 32.0**2
LARGE_PX2 = 96.0**2


class Kind(NamedTuple):
    """A class: its COCO id, its usual height, its width as a share of the height, and how often it is there."""

    name: str
    group: str
    id: int
    height_px: float
    aspect: float
    weight: float


KINDS = (
    Kind("person", "person", 1, 150, 0.42, 0.38),
    Kind("bicycle", "vehicle", 2, 90, 1.3, 0.12),
    Kind("car", "vehicle", 3, 80, 1.7, 0.2),
    Kind("traffic light", "outdoor", 10, 40, 0.45, 0.1),
    Kind("dog", "animal", 18, 90, 1.2, 0.08),
    Kind("cup", "kitchen", 47, 50, 0.8, 0.12),
)
PERSON = KINDS[0]

# name, x and y of a standing person's point as a share of the box
POINTS = (
    ("nose", 0.5, 0.08), ("left_eye", 0.54, 0.06), ("right_eye", 0.46, 0.06), ("left_ear", 0.59, 0.07),
    ("right_ear", 0.41, 0.07), ("left_shoulder", 0.68, 0.21), ("right_shoulder", 0.32, 0.21), ("left_elbow", 0.8, 0.36),
    ("right_elbow", 0.2, 0.36), ("left_wrist", 0.84, 0.5), ("right_wrist", 0.16, 0.5), ("left_hip", 0.6, 0.52),
    ("right_hip", 0.4, 0.52), ("left_knee", 0.62, 0.74), ("right_knee", 0.38, 0.74), ("left_ankle", 0.62, 0.95),
    ("right_ankle", 0.38, 0.95),
)  # fmt: skip
SKELETON = (
    (16, 14), (14, 12), (17, 15), (15, 13), (12, 13), (6, 12), (7, 13), (6, 7), (6, 8), (7, 9), (8, 10), (9, 11),
    (2, 3), (1, 2), (1, 3), (2, 4), (3, 5), (4, 6), (5, 7),
)  # fmt: skip


class Image(NamedTuple):
    """An image of the sample."""

    id: int
    width: int
    height: int


class Thing(NamedTuple):
    """An object: its class, its box in pixels, its outline and points as shares of the box (`pose` 17 x 2)."""

    kind: Kind
    box: Box
    rings: list[Array]
    pose: Array

    @property
    def area_px2(self) -> float:
        """Area of the box."""
        return self.box[2] * self.box[3]


def make_images(rng: np.random.Generator) -> list[Image]:
    """Forty images of three sizes; ids have gaps, as COCO's have."""
    ids = np.sort(rng.choice(600_000, size=40, replace=False)) + 1
    return [Image(int(i), *SIZES_PX[int(rng.choice(3, p=(0.5, 0.2, 0.3)))]) for i in ids]


def outline(rng: np.random.Generator) -> list[Array]:
    """A star-shaped outline that fills the unit square; one in eight is cut in two, as by a post in front of it."""
    angles = np.sort(rng.random(14) * 0.3 + np.arange(14)) * (2 * np.pi / 14)
    radius = 0.75 + 0.25 * np.convolve(rng.random(16), (0.25, 0.5, 0.25), "valid")
    ring = np.stack([np.cos(angles) * radius, np.sin(angles) * radius], axis=1)
    ring = (ring - ring.min(axis=0)) / np.ptp(ring, axis=0)
    if rng.random() >= 0.125:
        return [ring]
    left, right = ring.copy(), ring.copy()
    left[:, 0] = np.minimum(ring[:, 0], 0.42)
    right[:, 0] = np.maximum(ring[:, 0], 0.56)
    return [left, right]


def make_thing(rng: np.random.Generator, image: Image) -> Thing:
    """An object somewhere in the image, its size spread about its class's usual one."""
    kind = KINDS[int(rng.choice(len(KINDS), p=[k.weight for k in KINDS]))]
    height = min(kind.height_px * float(np.exp(rng.normal(0, 0.75))), 0.9 * image.height)
    width = min(height * kind.aspect * float(np.exp(rng.normal(0, 0.2))), 0.9 * image.width)
    x, y = rng.random() * (image.width - width), rng.random() * (image.height - height)
    pose = np.array([point[1:] for point in POINTS]) + rng.normal(0, 0.02, (len(POINTS), 2))
    return Thing(kind, (x, y, width, height), outline(rng), pose)


def polygons_of(rings: list[Array], box: Box, image: Image) -> list[list[float]]:
    """The rings in pixels, inside the image, two decimals, in COCO's flat layout."""
    x, y, w, h = box
    inside = [np.clip(ring * (w, h) + (x, y), 0, (image.width, image.height)) for ring in rings]
    return [[round(float(v), 2) for v in ring.ravel()] for ring in inside]


def shoelace_px2(polygons: list[list[float]]) -> float:
    """Area of a multi-part polygon, four decimals; its parts do not overlap.

    In whole hundredths of a pixel, as every second area lies half-way between two: sums of floats differ by processor.
    """
    twice = 0
    for flat in polygons:
        x, y = ([round(100 * value) for value in flat[axis::2]] for axis in (0, 1))
        twice += abs(sum(x[i] * y[i - 1] - y[i] * x[i - 1] for i in range(len(x))))
    return (twice // 2) / 10_000


def hull_of(polygons: list[list[float]]) -> list[float]:
    """Box of all vertices, two decimals."""
    points = np.concatenate([np.array(flat).reshape(-1, 2) for flat in polygons])
    (x, y), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return [round(float(v), 2) for v in (x, y, right - x, bottom - y)]


def flat_points(points: Array, box: Box, marks: list[int]) -> list[int]:
    """Points in whole pixels with their visibility marks; a point marked 0 is 0, 0, as in COCO."""
    pixels = np.round(points * box[2:] + box[:2]).astype(int).tolist()
    return [v for (x, y), mark in zip(pixels, marks, strict=True) for v in ((x, y, mark) if mark else (0, 0, 0))]


def annotated_points(rng: np.random.Generator, thing: Thing) -> Record:
    """Points of a person; people under 32 x 32 pixels have none."""
    marks = rng.choice(3, size=len(POINTS), p=(0.12, 0.18, 0.7)).tolist()
    if thing.area_px2 < SMALL_PX2:
        marks = [0] * len(POINTS)
    return {"keypoints": flat_points(thing.pose, thing.box, marks), "num_keypoints": sum(mark > 0 for mark in marks)}


def annotation_of(rng: np.random.Generator, thing: Thing, image: Image) -> Record:
    """An annotation with polygons. Classes without points say so, so that one file serves all three evaluations."""
    polygons = polygons_of(thing.rings, thing.box, image)
    points = annotated_points(rng, thing) if thing.kind is PERSON else {"num_keypoints": 0}
    return {
        "image_id": image.id,
        "category_id": thing.kind.id,
        "bbox": hull_of(polygons),
        "area": shoelace_px2(polygons),
        "iscrowd": 0,
        "segmentation": polygons,
        **points,
    }


def run_lengths(bits: NDArray[np.uint8]) -> list[int]:
    """COCO's uncompressed counts: runs of 0 and 1 in column-major order, starting with 0."""
    flat = bits.ravel(order="F")
    edges = np.flatnonzero(np.diff(flat, prepend=0))
    return np.diff(edges, prepend=0, append=flat.size).tolist()


def crowd_of(things: list[Thing], image: Image) -> Record:
    """The objects of one class as a single region that stands for many."""
    rings = [ring for thing in things for ring in polygons_of(thing.rings, thing.box, image)]
    mask = mask_api.merge(mask_api.frPyObjects(rings, image.height, image.width))
    kind = things[0].kind
    points = {"keypoints": [0] * 3 * len(POINTS)} if kind is PERSON else {}
    return {
        "image_id": image.id,
        "category_id": kind.id,
        "bbox": mask_api.toBbox(mask).tolist(),
        "area": float(mask_api.area(mask)),
        "iscrowd": 1,
        "segmentation": {"counts": run_lengths(mask_api.decode(mask)), "size": [image.height, image.width]},
        **points,
        "num_keypoints": 0,
    }


def make_crowd(rng: np.random.Generator, image: Image) -> list[Thing]:
    """Seven objects of one class side by side: people, once cups."""
    first = make_thing(rng, image)
    kind = PERSON if rng.random() < 0.7 else KINDS[-1]
    size = (36.0 * kind.aspect * 1.4, 36.0 * 1.4)
    left, top = rng.random() * (image.width - 8 * size[0]), first.box[1] * 0.8
    return [Thing(kind, (left + k * size[0] * 0.8, top, *size), outline(rng), first.pose) for k in range(7)]


def categories() -> list[Record]:
    """The classes; people have named points and a skeleton."""
    made: list[Record] = [{"id": kind.id, "name": kind.name, "supercategory": kind.group} for kind in KINDS]
    made[0] |= {"keypoints": [point[0] for point in POINTS], "skeleton": SKELETON}
    return made


def make_scene(rng: np.random.Generator, number: int, image: Image) -> tuple[list[Thing], list[Record]]:
    """Objects and annotations of an image: every seventeenth is empty, every fifteenth has a crowd."""
    if number % 17 == 16:
        return [], []
    things = [make_thing(rng, image) for _ in range(1 + int(rng.poisson(4.2)))]
    annotations = [annotation_of(rng, thing, image) for thing in things]
    if number % 15 == 4:
        crowd = make_crowd(rng, image)
        things, annotations = things + crowd[:4], [*annotations, crowd_of(crowd, image)]
    return things, annotations
