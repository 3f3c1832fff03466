"""Random corrections of ground truth: of COCO's files record by record, of others unit by unit."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any, TypeVar

import numpy as np

Record = dict[str, Any]
T = TypeVar("T")


def _annotation(truth: Record, rng: np.random.Generator) -> Record:
    chosen: Record = truth["annotations"][int(rng.integers(len(truth["annotations"])))]
    return chosen


def _moved(truth: Record, rng: np.random.Generator) -> None:
    annotation = _annotation(truth, rng)
    annotation["bbox"] = [annotation["bbox"][0] + 1.5, *annotation["bbox"][1:]]
    if "keypoints" in annotation:
        annotation["keypoints"] = [annotation["keypoints"][0] + 1, *annotation["keypoints"][1:]]


def _added(truth: Record, rng: np.random.Generator) -> None:
    highest = max(annotation["id"] for annotation in truth["annotations"])
    truth["annotations"].insert(0, {**_annotation(truth, rng), "id": highest + 1})


def _removed(truth: Record, rng: np.random.Generator) -> None:
    truth["annotations"].remove(_annotation(truth, rng))


def _renamed(truth: Record, rng: np.random.Generator) -> None:
    others = [category["id"] for category in truth["categories"]]
    _annotation(truth, rng)["category_id"] = int(rng.choice(others))


def _crowded(truth: Record, rng: np.random.Generator) -> None:
    annotation = _annotation(truth, rng)
    annotation["iscrowd"] = 1 - annotation.get("iscrowd", 0)


def _resized(truth: Record, rng: np.random.Generator) -> None:
    image = truth["images"][int(rng.integers(len(truth["images"])))]
    image["width"] += 7


def _new_image(truth: Record, rng: np.random.Generator) -> None:
    image = {**truth["images"][0], "id": 2000 + len(truth["images"]), "file_name": f"new{len(truth['images'])}.jpg"}
    truth["images"].insert(int(rng.integers(len(truth["images"]) + 1)), image)
    highest = max(annotation["id"] for annotation in truth["annotations"])
    truth["annotations"].append({**_annotation(truth, rng), "id": highest + 1, "image_id": image["id"]})


def _lost_image(truth: Record, rng: np.random.Generator) -> None:
    if len(truth["images"]) > 1:
        lost = truth["images"].pop(int(rng.integers(len(truth["images"]))))
        truth["annotations"] = [each for each in truth["annotations"] if each["image_id"] != lost["id"]]


def _reordered(truth: Record, rng: np.random.Generator) -> None:
    truth["images"].reverse()


CORRECTIONS: dict[str, Callable[[Record, np.random.Generator], None]] = {
    "annotation moved": _moved,
    "annotation added": _added,
    "annotation removed": _removed,
    "category changed": _renamed,
    "crowd flag changed": _crowded,
    "size changed": _resized,
    "image added": _new_image,
    "image removed": _lost_image,
    "images in another order": _reordered,
}


def corrected(truth: Record, names: Sequence[str], seed: int) -> Record:
    """A COCO ground truth after some of CORRECTIONS; one without annotations stays as it is."""
    rng, result = np.random.default_rng(seed), deepcopy(truth)
    for name in names:
        if result["annotations"]:
            CORRECTIONS[name](result, rng)
    return result


def exchanged(units: Sequence[T], others: Sequence[T], seed: int, share: float = 0.3) -> list[T]:
    """The units, some of which are as in `others`; there may be more or fewer of those."""
    rng = np.random.default_rng(seed)
    kept = [other if rng.random() < share else unit for unit, other in zip(units, others, strict=False)]
    return [*kept, *others[len(kept) :]]
