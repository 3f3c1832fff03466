"""Write the sample project: a small street-and-kitchen ground truth and what a detector might say of it, seeded.

    python data/make_sample.py [FOLDER]          default: the folder `sample` beside this file

ground_truth.json   boxes, polygons, three crowds (uncompressed run lengths) and the 17 points of people, in one file
boxes.json          results with boxes
masks.json          results with masks, most as compressed run lengths, some as polygons; each with its box
keypoints.json      results with the 17 points

The detector misses, doubles, confuses and invents things, is worse on small ones, and gives equal scores now and then.
The same seed gives the same bytes. Every file is one that pycocotools loads as it is.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pycocotools import mask as mask_api
from sample_scene import (
    KINDS,
    LARGE_PX2,
    PERSON,
    POINTS,
    SMALL_PX2,
    Image,
    Record,
    Thing,
    categories,
    hull_of,
    make_images,
    make_scene,
    make_thing,
    polygons_of,
)  # fmt: skip

SEED = 20260
POSE_BLUR = 0.2
"""Who finds seventeen points of a person has found the person: boxes are off by less than a box detector's."""

# How far an annotator strays from each point, as a share of the object's scale: COCO's own sigmas.
SIGMAS = np.array([26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89]) / 1000


class Guess(NamedTuple):
    """What the detector says it saw."""

    thing: Thing
    quality: float
    score: float


def moved(rng: np.random.Generator, thing: Thing, spread: float, image: Image) -> Thing:
    """The object with its box shifted and scaled by `spread` of its size, kept in the image."""
    x, y, w, h = thing.box
    shift, scale = rng.normal(0, spread, 2), np.exp(rng.normal(0, spread, 2))
    left, top = np.clip((x + shift[0] * w, y + shift[1] * h), 0, (image.width - 4, image.height - 4)).tolist()
    size = np.clip((w * scale[0], h * scale[1]), 3, (image.width - left, image.height - top)).tolist()
    return thing._replace(box=(left, top, *size))


def sees(rng: np.random.Generator, thing: Thing) -> bool:
    """Small things are missed more often."""
    chance = 0.6 if thing.area_px2 < SMALL_PX2 else 0.85 if thing.area_px2 < LARGE_PX2 else 0.95
    return bool(rng.random() < chance)


def guesses_at(rng: np.random.Generator, thing: Thing, image: Image, blur: float) -> Iterator[Guess]:
    """The hit, if any, then at times a double of it (some score the very same) and a confusion with another class."""
    if not sees(rng, thing):
        return
    quality = float(rng.beta(4, 2.2))
    score = float(np.clip(quality * 0.75 + rng.normal(0.15, 0.12), 0.02, 0.999))
    yield Guess(moved(rng, thing, blur * (0.015 + 0.14 * (1 - quality)), image), quality, score)
    if rng.random() < 0.2:
        same = rng.random() < 0.3
        yield Guess(moved(rng, thing, 0.15, image), quality / 2, score if same else score * float(rng.beta(2, 3)))
    if rng.random() < 0.12:
        other = KINDS[int(rng.integers(len(KINDS)))]
        yield Guess(moved(rng, thing._replace(kind=other), 0.08, image), quality, score * float(rng.beta(2, 2)))


def make_guesses(rng: np.random.Generator, things: list[Thing], image: Image, blur: float = 1.0) -> list[Guess]:
    """All guesses on an image, inventions included, best first; `blur` scales how far the hits are off."""
    found = [guess for thing in things for guess in guesses_at(rng, thing, image, blur)]
    for _ in range(int(rng.poisson(1.4))):
        found.append(Guess(make_thing(rng, image), 0.3, float(np.clip(rng.beta(1.3, 5), 0.02, 0.9))))
    return sorted(found, key=lambda guess: -guess.score)


def _head(guess: Guess, image: Image) -> Record:
    return {"image_id": image.id, "category_id": guess.thing.kind.id}


def box_result(rng: np.random.Generator, guess: Guess, image: Image) -> Record:
    """A result with a box: three decimals, a fifth of them whole pixels."""
    places = 0 if rng.random() < 0.2 else 3
    box = [round(v, places) for v in guess.thing.box]
    return {**_head(guess, image), "bbox": box, "score": round(guess.score, 3)}


def mask_result(rng: np.random.Generator, guess: Guess, image: Image) -> Record:
    """A result with a mask whose outline wavers with the guess's quality; one in six stays a polygon."""
    wave = 0.03 + 0.06 * (1 - guess.quality)
    rings = [np.clip(ring + rng.normal(0, wave, ring.shape), 0, 1) for ring in guess.thing.rings]
    polygons = polygons_of(rings, guess.thing.box, image)
    shape: Any = polygons
    if rng.random() > 1 / 6:
        mask = mask_api.merge(mask_api.frPyObjects(polygons, image.height, image.width))
        shape = {"size": [image.height, image.width], "counts": mask["counts"].decode()}
    return {**_head(guess, image), "bbox": hull_of(polygons), "segmentation": shape, "score": round(guess.score, 3)}


def keypoint_result(rng: np.random.Generator, guess: Guess, image: Image) -> Record:
    """A result with 17 points, each off by its sigma times the object's scale, more where the guess is poor."""
    x, y, w, h = guess.thing.box
    scale_px = np.sqrt(w * h) * (0.4 + 1.8 * (1 - guess.quality))
    error = rng.normal(0, 1, (len(POINTS), 2)) * SIGMAS[:, None] * scale_px
    pixels = guess.thing.pose * (w, h) + (x, y) + error
    flat = [v for px, py in pixels.tolist() for v in (round(px, 1), round(py, 1), 1)]
    return {**_head(guess, image), "keypoints": flat, "score": round(guess.score, 3)}


def make_files(seed: int = SEED) -> dict[str, Any]:
    """The four documents by file name."""
    rng = np.random.default_rng(seed)
    images, annotations = make_images(rng), list[Record]()
    results: dict[str, list[Record]] = {"boxes.json": [], "masks.json": [], "keypoints.json": []}
    for number, image in enumerate(images):
        things, found = make_scene(rng, number, image)
        annotations += found
        for name, result in (("boxes.json", box_result), ("masks.json", mask_result)):
            results[name] += [result(rng, guess, image) for guess in make_guesses(rng, things, image)]
        people = [guess for guess in make_guesses(rng, things, image, POSE_BLUR) if guess.thing.kind is PERSON]
        results["keypoints.json"] += [keypoint_result(rng, guess, image) for guess in people]
    truth = {
        "info": {"description": "boxscore sample: made by data/make_sample.py, no real images", "version": "1.0"},
        "images": [{**image._asdict(), "file_name": f"{image.id:012d}.jpg"} for image in images],
        "annotations": [{"id": 1000 + 7 * k, **row} for k, row in enumerate(annotations)],
        "categories": categories(),
    }
    return {"ground_truth.json": truth, **results}


def encode(document: Any) -> bytes:
    """JSON with one record a line, so that a change shows as the lines it touches."""
    if isinstance(document, list):
        rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in document)
        return f"[\n{rows}\n]\n".encode()
    parts = (f"{json.dumps(key)}:{encode(value).decode().rstrip()}" for key, value in document.items())
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode() if "images" in document else json.dumps(document).encode()


def main() -> int:
    """Write the files and say how large they are."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent / "sample"
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in make_files().items():
        written = (folder / name).write_bytes(encode(document))
        print(f"{folder / name}: {written:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
