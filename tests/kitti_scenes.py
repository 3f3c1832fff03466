"""Random images by KITTI's rules, and directories of label files that hold them."""

import json
import random
from collections.abc import Sequence
from pathlib import Path

from tests.kitti_devkit import OVERLAP, Corners, Found, Image, Labelled

WORDS = {"dontcare": "DontCare", "person_sitting": "Person_sitting"}
"""KITTI's spelling of classes, where it is not the name with a capital."""


def random_images(seed: int, count: int) -> list[Image]:
    """Every class and level, heights and truncations on their limits, boxes near and exactly on annotations."""
    rng = random.Random(seed)
    return [_random_image(rng, digits=seed % 2) for _ in range(count)]


def _random_box(rng: random.Random, digits: int) -> Corners:
    height = rng.choice((24, 25, 26, 39, 40, 41, rng.uniform(15, 120)))
    x, y, width = rng.uniform(0, 1000), rng.uniform(0, 250), rng.uniform(10, 200)
    return round(x, digits), round(y, digits), round(x + width, digits), round(round(y, digits) + height, 2)


def _moved(rng: random.Random, box: Corners, by: float) -> Corners:
    sides = (box[2] - box[0], box[3] - box[1]) * 2
    x1, y1, x2, y2 = (
        round(value + rng.uniform(-by, by) * side, 2) for value, side in zip(box, sides, strict=True)
    )  # fmt: skip
    return x1, y1, max(x1, x2), max(y1, y2)


def _random_image(rng: random.Random, digits: int) -> Image:
    labelled, found = [], []
    for _ in range(rng.randrange(9)):
        kind = rng.choice((*OVERLAP, "van", "person_sitting", "dontcare", "tram"))
        box = _random_box(rng, digits)
        labelled.append(Labelled(kind, rng.choice((0, 0, 0.15, 0.16, 0.3, 0.31, 0.5, 0.6)), rng.randrange(4), box))
        for _ in range(rng.randrange(3)):
            guess = kind if kind in OVERLAP and rng.random() < 0.8 else rng.choice((*OVERLAP, "van"))
            found.append(
                Found(guess, _moved(rng, box, rng.choice((0, 0.1, 0.2))), round(rng.uniform(-2, 5), 1 + digits))
            )
    found += [
        Found(rng.choice(tuple(OVERLAP)), _random_box(rng, digits), rng.uniform(-2, 5)) for _ in range(rng.randrange(3))
    ]
    rng.shuffle(labelled)
    rng.shuffle(found)
    return Image(labelled, found)


def _line(kind: str, truncated: float, occluded: int, box: Corners, *score: float) -> str:
    columns = (truncated, occluded, -1.5, *box, 1.5, 1.6, 3.9, 1.0, 2.0, 30.0, 0.1, *score)
    return " ".join([WORDS.get(kind, kind.capitalize()), *map(repr, columns)])


def write_images(images: Sequence[Image], folder: Path) -> tuple[Path, Path, Path]:
    """(label files, result files, list of data units): every column filled, images of 1242 x 375 px."""
    truth, results, units = folder / "label_2", folder / "results", folder / "data_units.json"
    truth.mkdir(parents=True)
    results.mkdir()
    for number, image in enumerate(images):
        labelled = [_line(*label) for label in image.labelled]
        found = [_line(one.kind, -1.0, -1, one.box, one.score) for one in image.found]
        (truth / f"{number:06}.txt").write_text("\n".join(labelled))
        (results / f"{number:06}.txt").write_text("\n".join(found))
    units.write_text(json.dumps([_unit(f"{number:06}.png") for number in range(len(images))]))
    return truth, results, units


def _unit(title: str) -> dict[str, object]:
    """An image as a list of data units has it."""
    sizes = {"width": 1242, "height": 375}
    return {"data_hash": f"hash of {title}", "data_title": title, "data_type": "image", **sizes}
