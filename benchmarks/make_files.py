"""Write COCO files of val2017's scale (1x: masks too) and ten times that (10x: boxes, 365 classes), seeded.

    python benchmarks/make_files.py FOLDER

gt_1x.json dt_bbox_1x.json dt_segm_1x.json      5,000 images, about 37 thousand annotations and 400 thousand results
gt_10x.json dt_bbox_10x.json                    ten times as many images

All of it is made up: boxes with COCO's spread of sizes, star-shaped masks, and a detector that hits, doubles, confuses
and sees things in the background, at most 100 results an image. Images are made and written 1,000 at a time.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray
from pycocotools import mask as mask_api

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Record = dict[str, Any]

SEED = 2017
CHUNK = 1_000
SIZES_PX = np.array([(640, 480), (480, 640), (640, 427)])
MOST_RESULTS = 100
CROWD_SHARE = 0.012
VERTICES = 24


class Scale(NamedTuple):
    """How much is made."""

    name: str
    images: int
    categories: int
    masks: bool


SCALES = (Scale("1x", 5_000, 80, True), Scale("10x", 50_000, 365, False))


class Boxes(NamedTuple):
    """n boxes: position of the image in its chunk, class (from 1), x y w h in px [n, 4], outline, and score."""

    image: Ints
    category: Ints
    box: Floats
    outline: Ints
    score: Floats


class Chunk(NamedTuple):
    """Some images, in order, with their annotations and results by image."""

    first_id: int
    size_px: Ints
    truth: Boxes
    results: Boxes


def outlines(rng: np.random.Generator) -> Floats:
    """64 star-shaped outlines that fill the unit square, float64[64, VERTICES, 2]."""
    angle = (np.arange(VERTICES) + 0.5 * rng.random((64, VERTICES))) * (2 * np.pi / VERTICES)
    radius = 0.6 + 0.4 * rng.random((64, VERTICES))
    points = np.stack([np.cos(angle) * radius, np.sin(angle) * radius], axis=2)
    low = points.min(axis=1, keepdims=True)
    return (points - low) / (points.max(axis=1, keepdims=True) - low)


def _inside(box: Floats, size_px: Ints) -> Floats:
    """Boxes cut to their images, at least a pixel wide and high."""
    corner = np.clip(box[:, :2], 0, size_px - 2)
    return np.concatenate([corner, np.clip(box[:, 2:], 1, size_px - corner)], axis=1)


def make_truth(rng: np.random.Generator, size_px: Ints, categories: int) -> Boxes:
    """Annotations: 7.4 an image on average, few classes common and many rare, about 2 in 5 smaller than 32 x 32."""
    image = np.repeat(np.arange(len(size_px)), rng.poisson(rng.gamma(1.3, 5.7, len(size_px))))
    common = 1 / np.arange(2, categories + 2) ** 0.8
    category = rng.choice(categories, size=len(image), p=common / common.sum()) + 1
    side = np.exp(rng.normal(3.8, 1.05, len(image)))
    wide = np.exp(rng.normal(0, 0.35, len(image)))
    extent = np.minimum(np.stack([side * wide, side / wide], axis=1), 0.95 * size_px[image])
    corner = rng.random(extent.shape) * (size_px[image] - extent)
    box = _inside(np.concatenate([corner, extent], axis=1), size_px[image])
    return Boxes(image, category, np.round(box, 2), rng.integers(0, 64, len(image)), np.ones(len(image)))


def _moved(rng: np.random.Generator, truth: Boxes, size_px: Ints, spread: Floats, score: Floats) -> Boxes:
    """The same objects, each shifted and scaled by its `spread` [n], with scores of their own."""
    noise = rng.normal(0, 1, truth.box.shape) * spread[:, None]
    corner = truth.box[:, :2] + noise[:, :2] * truth.box[:, 2:]
    box = np.concatenate([corner, truth.box[:, 2:] * np.exp(noise[:, 2:])], axis=1)
    return truth._replace(box=_inside(box, size_px[truth.image]), score=score)


def _some(boxes: Boxes, rows: Ints) -> Boxes:
    return Boxes(boxes.image[rows], boxes.category[rows], boxes.box[rows], boxes.outline[rows], boxes.score[rows])


def _hits(rng: np.random.Generator, truth: Boxes, size_px: Ints) -> Boxes:
    """One result for most annotations, better ones with higher scores; small ones are missed more often."""
    small = truth.box[:, 2] * truth.box[:, 3] < 32**2
    seen = _some(truth, np.flatnonzero(rng.random(len(small)) < np.where(small, 0.7, 0.93)))
    quality = rng.beta(5, 2, len(seen.image))
    score = np.clip(rng.normal(quality, 0.15), 0.01, 0.999)
    return _moved(rng, seen, size_px, (1 - quality) * 0.22 + 0.01, score)


def _echoes(rng: np.random.Generator, truth: Boxes, size_px: Ints, categories: int) -> Iterator[Boxes]:
    """Doubles of the same class and confusions with another, both with low scores."""
    doubles = _some(truth, np.repeat(np.arange(len(truth.image)), rng.poisson(1.1, len(truth.image))))
    count = len(doubles.image)
    yield _moved(rng, doubles, size_px, np.full(count, 0.22), rng.beta(1.2, 7, count))
    wrong = _some(truth, np.repeat(np.arange(len(truth.image)), rng.poisson(2.3, len(truth.image))))
    count = len(wrong.image)
    wrong = wrong._replace(category=rng.integers(1, categories + 1, count))
    yield _moved(rng, wrong, size_px, np.full(count, 0.12), rng.beta(1, 14, count))


def _background(rng: np.random.Generator, size_px: Ints, categories: int) -> Boxes:
    """Results on nothing: dozens an image, most with very low scores."""
    image = np.repeat(np.arange(len(size_px)), rng.gamma(6, 9, len(size_px)).astype(int))
    extent = np.exp(rng.normal(3.9, 0.9, (len(image), 2)))
    box = _inside(np.concatenate([rng.random(extent.shape) * size_px[image], extent], axis=1), size_px[image])
    category = rng.integers(1, categories + 1, len(image))
    return Boxes(image, category, box, rng.integers(0, 64, len(image)), rng.beta(0.8, 18, len(image)))


def make_results(rng: np.random.Generator, truth: Boxes, size_px: Ints, categories: int) -> Boxes:
    """All results of some images, the best 100 of each, best first; scores have five decimals, so some tie."""
    kinds = [
        _hits(rng, truth, size_px),
        *_echoes(rng, truth, size_px, categories),
        _background(rng, size_px, categories),
    ]
    found = Boxes(*(np.concatenate(column) for column in zip(*kinds, strict=True)))
    found = found._replace(score=np.round(found.score, 5), box=np.round(found.box, 3))
    found = _some(found, np.lexsort((-found.score, found.image)))
    first = np.searchsorted(found.image, np.arange(len(size_px)))
    rank = np.arange(len(found.image)) - first[found.image]
    return _some(found, np.flatnonzero(rank < MOST_RESULTS))


def image_sizes(scale: Scale) -> Ints:
    """Width and height of every image, px, int64[images, 2]."""
    return SIZES_PX[np.random.default_rng((SEED, scale.images)).choice(3, size=scale.images, p=(0.5, 0.2, 0.3))]


def chunks(scale: Scale) -> Iterator[Chunk]:
    """The images of a scale, some at a time; ids start at 1."""
    sizes_px = image_sizes(scale)
    for first in range(0, scale.images, CHUNK):
        rng = np.random.default_rng((SEED, scale.images, first))
        size_px = sizes_px[first : first + CHUNK]
        truth = make_truth(rng, size_px, scale.categories)
        yield Chunk(first + 1, size_px, truth, make_results(rng, truth, size_px, scale.categories))


def polygons_of(boxes: Boxes, shapes: Floats) -> Floats:
    """Outlines in pixels, two decimals, float64[n, 2 * VERTICES] as COCO writes them."""
    points = shapes[boxes.outline] * boxes.box[:, None, 2:] + boxes.box[:, None, :2]
    return np.round(points.reshape(len(points), -1), 2)


def _areas_px2(polygons: Floats) -> Floats:
    x, y = polygons[:, ::2], polygons[:, 1::2]
    doubled = (x * np.roll(y, 1, axis=1) - y * np.roll(x, 1, axis=1)).sum(axis=1)
    return np.round(np.abs(doubled) / 2, 4)


def _crowd_mask(polygon: list[float], size_px: tuple[int, int]) -> Record:
    """The polygon as uncompressed run lengths, which is how COCO writes crowds."""
    width, height = size_px
    flat = mask_api.decode(mask_api.frPyObjects([polygon], height, width)).ravel(order="F")
    edges = np.flatnonzero(np.diff(flat, prepend=0))
    return {"size": [height, width], "counts": np.diff(edges, prepend=0, append=flat.size).tolist()}


def annotation_rows(chunk: Chunk, shapes: Floats, first_id: int) -> list[Record]:
    """Annotations with polygons; about one in eighty is a crowd."""
    polygons = polygons_of(chunk.truth, shapes)
    crowd = np.random.default_rng((SEED, first_id)).random(len(polygons)) < CROWD_SHARE
    columns = (chunk.truth.image, chunk.truth.category, chunk.truth.box, _areas_px2(polygons), polygons, crowd)
    rows = []
    for k, (image, category, box, area, polygon, is_crowd) in enumerate(
        zip(*(c.tolist() for c in columns), strict=True)
    ):
        shape = _crowd_mask(polygon, tuple(chunk.size_px[image].tolist())) if is_crowd else [polygon]
        rows.append(
            {"id": first_id + k, "image_id": chunk.first_id + image, "category_id": category, "bbox": box,
             "area": area, "iscrowd": int(is_crowd), "segmentation": shape}
        )  # fmt: skip
    return rows


def box_rows(chunk: Chunk) -> list[Record]:
    """Results with boxes."""
    columns = (chunk.results.image, chunk.results.category, chunk.results.box, chunk.results.score)
    return [
        {"image_id": chunk.first_id + image, "category_id": category, "bbox": box, "score": score}
        for image, category, box, score in zip(*(c.tolist() for c in columns), strict=True)
    ]


def mask_rows(chunk: Chunk, shapes: Floats) -> list[Record]:
    """Results with masks as compressed run lengths."""
    polygons = polygons_of(chunk.results, shapes)
    ends = np.searchsorted(chunk.results.image, np.arange(len(chunk.size_px) + 1))
    rows = []
    for image, (width, height) in enumerate(chunk.size_px.tolist()):
        part = slice(ends[image], ends[image + 1])
        masks = mask_api.frPyObjects(polygons[part].tolist(), height, width) if part.stop > part.start else []
        head = zip(chunk.results.category[part].tolist(), chunk.results.score[part].tolist(), masks, strict=True)
        rows += [
            {"image_id": chunk.first_id + image, "category_id": category, "score": score,
             "segmentation": {"size": [height, width], "counts": mask["counts"].decode()}}
            for category, score, mask in head
        ]  # fmt: skip
    return rows


def image_rows(scale: Scale) -> list[Record]:
    """Images with their sizes."""
    return [
        {"id": k + 1, "file_name": f"{k + 1:012d}.jpg", "width": width, "height": height}
        for k, (width, height) in enumerate(image_sizes(scale).tolist())
    ]


class ListFile:
    """A JSON list that is written some records at a time."""

    def __init__(self, file: BinaryIO, before: bytes = b"[") -> None:
        """`before` is written first; whoever opened the file writes what comes after the last record."""
        self.file, self.count, self.separator = file, 0, before

    def add(self, rows: list[Record]) -> None:
        """Append records."""
        if rows:
            self.file.write(self.separator + orjson.dumps(rows)[1:-1])
            self.count, self.separator = self.count + len(rows), b","

    def close(self, after: bytes = b"]") -> None:
        """End the list."""
        self.file.write(after)


def write(scale: Scale, folder: Path) -> None:
    """Write a scale's files, each under a passing name first, so that a file that is there is whole."""
    shapes = outlines(np.random.default_rng(SEED))
    names = [f"gt_{scale.name}", f"dt_bbox_{scale.name}", *([f"dt_segm_{scale.name}"] if scale.masks else [])]
    files = [(folder / f"{name}.json.part").open("wb") for name in names]
    images = image_rows(scale)
    before = b'{"images":' + orjson.dumps(images) + b',"annotations":['
    truth, *results = [ListFile(file, before if file is files[0] else b"[") for file in files]
    for chunk in chunks(scale):
        truth.add(annotation_rows(chunk, shapes, truth.count + 1))
        results[0].add(box_rows(chunk))
        for masks in results[1:]:
            masks.add(mask_rows(chunk, shapes))
    categories = [{"id": k, "name": f"class {k}"} for k in range(1, scale.categories + 1)]
    truth.close(b'],"categories":' + orjson.dumps(categories) + b"}")
    for listed in results:
        listed.close()
    for file, name in zip(files, names, strict=True):
        file.close()
        (folder / f"{name}.json.part").rename(folder / f"{name}.json")
    print(
        f"{scale.name}: {len(images):,} images, {truth.count:,} annotations, {results[0].count:,} results", flush=True
    )


def main() -> int:
    """Write both scales."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for scale in SCALES:
        write(scale, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
