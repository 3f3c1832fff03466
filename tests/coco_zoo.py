"""Seeded COCO sets that visit the corners of the rules: every seed mixes another choice of them.

Ties in score and in IoU, crowds, boxes without area, whole-pixel boxes, areas exactly on 32² and 96², ids out of order,
more than 100 detections of a class on an image, images without annotations, classes without either, empty sides.
"""

from typing import Any, NamedTuple

import numpy as np
from pycocotools import mask as mask_api

Record = dict[str, Any]
SIDES_PX = (0, 1, 8, 16, 32, 64, 96, 144)
"""32 x 32, 16 x 64 and 8 x 128 are on the bound of small, 96 x 96 and 64 x 144 on that of large."""
N_KEYPOINTS = 17


class CocoSet(NamedTuple):
    """What a ground truth file and a results file hold."""

    ground_truth: Record
    results: list[Record]


class _Taste(NamedTuple):
    """What one seed likes."""

    whole_pixels: bool
    coarse_scores: bool
    crowds: float
    jitter_px: float
    crowded_image: bool
    n_annotations: int
    n_spurious: int


def coco_set(seed: int, geometry: str = "bbox", *, id_zero: bool = False) -> CocoSet:
    """The set of `seed`; `geometry` is bbox, segmentation or keypoints, and boxes and areas are there with each.

    Results carry what that geometry's results files carry. With `id_zero` the first annotation has the id 0, whose
    match pycocotools takes for none. Every 16th seed from 14 has no annotations, from 15 no detections.
    """
    rng = np.random.default_rng([seed, 2014])
    taste = _taste(rng, seed)
    images, categories = _images(rng), _categories(rng, geometry)
    annotations = [_annotation(rng, taste, images, categories) for _ in range(taste.n_annotations)]
    annotations += [dict(_one(rng, annotations)) for _ in range(len(annotations) // 8)]  # equal boxes, equal IoUs
    for annotation, number in zip(annotations, rng.permutation(5 * len(annotations))[: len(annotations)], strict=True):
        annotation["id"] = int(number) + 1
    if id_zero and annotations:
        annotations[0]["id"] = 0
    detections = [] if seed % 16 == 15 else _detections(rng, taste, images, categories, annotations)
    sizes = {image["id"]: (image["height"], image["width"]) for image in images}
    for record in annotations:
        _add_geometry(rng, record, geometry, sizes[record["image_id"]], truth=True)
    results = [_add_geometry(rng, d, geometry, sizes[d["image_id"]], truth=False) for d in detections]
    return CocoSet({"images": images, "categories": categories, "annotations": annotations}, results)


def _one(rng: np.random.Generator, records: list[Record]) -> Record:
    return records[rng.integers(len(records))]


def _taste(rng: np.random.Generator, seed: int) -> _Taste:
    return _Taste(
        whole_pixels=bool(rng.random() < 0.6),
        coarse_scores=bool(rng.random() < 0.6),
        crowds=float(rng.choice([0, 0.1, 0.4])),
        jitter_px=float(rng.choice([1, 3, 8])),
        crowded_image=bool(rng.random() < 0.3),
        n_annotations=0 if seed % 16 == 14 else int(rng.integers(1, 60)),
        n_spurious=int(rng.integers(1, 60)),
    )


def _images(rng: np.random.Generator) -> list[Record]:
    ids = rng.permutation(1000)[: rng.integers(1, 9)] + 1
    return [{"id": int(i), "file_name": f"{i}.jpg", "width": int(rng.choice([160, 200])), "height": 180} for i in ids]


def _categories(rng: np.random.Generator, geometry: str) -> list[Record]:
    ids = rng.permutation(90)[: rng.integers(1, 6)] + 1
    names = {"keypoints": [f"k{i}" for i in range(N_KEYPOINTS)], "skeleton": []} if geometry == "keypoints" else {}
    return [{"id": int(i), "name": f"class {i}", **names} for i in ids]


def _box(rng: np.random.Generator, taste: _Taste) -> list[float]:
    x, y = rng.integers(0, 60, 2)
    w, h = rng.choice(SIDES_PX, 2, p=[0.03, 0.02, 0.1, 0.2, 0.3, 0.15, 0.15, 0.05])
    box = np.array([x, y, w, h], float)
    return _rounded(box if taste.whole_pixels else box + rng.random(4) * (box > 0))


def _rounded(box: np.ndarray) -> list[float]:
    return [round(float(v), 2) for v in box]


def _annotation(rng: np.random.Generator, taste: _Taste, images: list[Record], categories: list[Record]) -> Record:
    box = _box(rng, taste)
    crowd = bool(rng.random() < taste.crowds)
    area = rng.choice(
        [box[2] * box[3], 0.7 * box[2] * box[3], 1024.0, 9216.0, 1024.0000001], p=[0.6, 0.2, 0.1, 0.08, 0.02]
    )
    return {
        "image_id": _one(rng, images[: max(1, len(images) - 1)])["id"],
        "category_id": _one(rng, categories[: max(1, len(categories) - 1)])["id"],
        "bbox": box,
        "area": float(area),
        "iscrowd": int(crowd),
    }


def _score(rng: np.random.Generator, taste: _Taste) -> float:
    return float(rng.integers(0, 11) / 10) if taste.coarse_scores else round(float(rng.random()), 5)


def _detections(
    rng: np.random.Generator,
    taste: _Taste,
    images: list[Record],
    categories: list[Record],
    annotations: list[Record],
) -> list[Record]:
    """Some around annotations, mostly of their class, some anywhere, and perhaps a class overfull on one image."""
    found = [_near(rng, taste, a, categories) for a in annotations for _ in range(rng.integers(0, 5))]
    for _ in range(taste.n_spurious):
        found.append(_detection(rng, taste, _one(rng, images)["id"], _one(rng, categories)["id"], _box(rng, taste)))
    if taste.crowded_image:
        image, category = _one(rng, images)["id"], _one(rng, categories)["id"]
        found += [_detection(rng, taste, image, category, _box(rng, taste)) for _ in range(130)]
    return [found[i] for i in rng.permutation(len(found))]


def _detection(rng: np.random.Generator, taste: _Taste, image: int, category: int, box: list[float]) -> Record:
    return {"image_id": image, "category_id": category, "bbox": box, "score": _score(rng, taste)}


def _near(rng: np.random.Generator, taste: _Taste, annotation: Record, categories: list[Record]) -> Record:
    moved = np.array(annotation["bbox"]) + rng.normal(0, taste.jitter_px, 4)
    if taste.whole_pixels:
        moved = np.round(moved)
    if rng.random() < 0.2:
        moved = np.array(annotation["bbox"])
    category = annotation["category_id"] if rng.random() < 0.8 else _one(rng, categories)["id"]
    return _detection(rng, taste, annotation["image_id"], category, _rounded(np.maximum(moved, 0)))


def _add_geometry(
    rng: np.random.Generator, record: Record, geometry: str, size: tuple[int, int], *, truth: bool
) -> Record:
    """Put the geometry into an annotation; a result gets it instead of its box."""
    if geometry == "bbox":
        return record
    if geometry == "segmentation":
        record["segmentation"] = _segmentation(rng, record, size, truth=truth)
    else:
        record["keypoints"] = _keypoints(rng, record["bbox"])
        if truth:
            record["num_keypoints"] = sum(v > 0 for v in record["keypoints"][2::3])
    if not truth:
        del record["bbox"]
    return record


def _segmentation(rng: np.random.Generator, record: Record, size: tuple[int, int], *, truth: bool) -> Any:
    """A crowd's raw run lengths, an annotation's polygons, or compressed run lengths."""
    polygon = _polygon(rng, record["bbox"])
    compressed = mask_api.merge(mask_api.frPyObjects([polygon], *size))
    if record.get("iscrowd"):
        return {"size": list(size), "counts": _runs(mask_api.decode(compressed))}
    if truth and rng.random() < 0.7:
        return [polygon] if rng.random() < 0.8 else [polygon, _polygon(rng, record["bbox"])]
    return {"size": list(size), "counts": compressed["counts"].decode()}


def _polygon(rng: np.random.Generator, box: list[float]) -> list[float]:
    """A rectangle with a corner cut off, at least a pixel wide."""
    x, y, w, h = box[0], box[1], max(box[2], 1.0), max(box[3], 1.0)
    cut = round(float(rng.random()), 2)
    return [x, y, x + w, y, x + w, y + h * cut, x + w * cut, y + h, x, y + h]


def _runs(mask: np.ndarray) -> list[int]:
    """Lengths of runs down the columns, beginning with background."""
    flat = mask.ravel(order="F")
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate([[0], edges, [len(flat)]])).tolist()
    return [0, *runs] if flat[0] else runs


def _keypoints(rng: np.random.Generator, box: list[float]) -> list[float]:
    x, y, w, h = box
    share = np.linspace(0, 1, N_KEYPOINTS)
    visibility = np.zeros(N_KEYPOINTS) if rng.random() < 0.15 else rng.integers(0, 3, N_KEYPOINTS)
    points = np.stack([x + w * share, y + h * share**2, visibility], axis=1)
    points[visibility == 0, :2] = 0
    return [round(float(v), 2) for v in points.ravel()]
