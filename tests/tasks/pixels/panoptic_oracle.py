"""panopticapi's rule, image by image and pair by pair, in plain Python."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Segments = list[dict[str, Any]]
"""`segments_info`: id, category_id, and on the annotated side iscrowd."""


@dataclass
class Sums:
    """Of one class."""

    ious: list[float] = field(default_factory=list)
    tp: int = 0
    fp: int = 0
    fn: int = 0


def count_image(
    truth: np.ndarray, listed: Segments, found: np.ndarray, predicted: Segments, sums: dict[int, Sums]
) -> None:
    """Add an image of annotated and predicted ids; 0 is void."""
    crowds = {s["category_id"]: s["id"] for s in listed if s.get("iscrowd")}
    matched = _match(truth, listed, found, predicted, sums)
    for segment in listed:
        if segment["id"] not in matched and not segment.get("iscrowd"):
            sums[segment["category_id"]].fn += 1
    for segment in predicted:
        if -segment["id"] in matched:
            continue
        area = int((found == segment["id"]).sum())
        excused = int(((found == segment["id"]) & (truth == 0)).sum())
        if segment["category_id"] in crowds:
            excused += int(((found == segment["id"]) & (truth == crowds[segment["category_id"]])).sum())
        if excused / area <= 0.5:
            sums[segment["category_id"]].fp += 1


def _match(
    truth: np.ndarray, listed: Segments, found: np.ndarray, predicted: Segments, sums: dict[int, Sums]
) -> set[int]:
    """Ids of annotated segments that match, and those of predicted ones, negative."""
    matched = set()
    for a in listed:
        for p in predicted:
            if a.get("iscrowd") or a["category_id"] != p["category_id"]:
                continue
            inside, drawn = truth == a["id"], found == p["id"]
            shared = int((inside & drawn).sum())
            union = int(inside.sum()) + int(drawn.sum()) - shared - int((drawn & (truth == 0)).sum())
            if shared / union > 0.5:
                sums[a["category_id"]].tp += 1
                sums[a["category_id"]].ious.append(shared / union)
                matched |= {a["id"], -p["id"]}
    return matched


def new_sums() -> dict[int, Sums]:
    """Nothing counted yet, of any class."""
    return defaultdict(Sums)


def quality(sums: Sums) -> tuple[float, float, float]:
    """(PQ, SQ, RQ) of a class that has a segment."""
    total, weight = float(np.sum(sums.ious)), sums.tp + sums.fp / 2 + sums.fn / 2
    return total / weight, total / sums.tp if sums.tp else 0.0, sums.tp / weight


@dataclass
class Scene:
    """Made-up images by id: annotated ids and segments, predicted ids and segments."""

    images: dict[int, tuple[np.ndarray, Segments, np.ndarray, Segments]]

    def sums(self) -> dict[int, Sums]:
        """Of all images."""
        sums = new_sums()
        for image in self.images.values():
            count_image(*image, sums)
        return sums


def _patches(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Ids of overlapping rectangles, 1 and up; some pixels of none."""
    ids = np.zeros((height, width), np.int64)
    for k in range(1, rng.integers(2, 9)):
        y, x = rng.integers(0, height), rng.integers(0, width)
        ids[y : y + rng.integers(2, 12), x : x + rng.integers(2, 12)] = k
    return ids


def _listed(rng: np.random.Generator, ids: np.ndarray, crowds: bool, classes: int) -> Segments:
    found = [{"id": int(k), "category_id": int(rng.integers(1, classes + 1))} for k in np.unique(ids[ids > 0])]
    for segment in found:
        segment["area"] = int((ids == segment["id"]).sum())
        if crowds:
            segment["iscrowd"] = int(rng.random() < 0.2)
    return found


def made_up(seed: int, images: int, classes: int = 3) -> Scene:
    """Rectangles, most of them predicted again a little moved, with another class now and then; void and crowds."""
    rng = np.random.default_rng(seed)
    scene = {}
    for number in range(1, images + 1):
        height, width = (int(side) for side in rng.integers(8, 24, 2))
        truth = _patches(rng, height, width)
        listed = _listed(rng, truth, True, classes)
        found = np.roll(truth, rng.integers(-2, 3, 2), (0, 1))
        found[rng.random(found.shape) < 0.1] = 0
        fresh = _patches(rng, height, width)
        found = np.where((fresh == 1) & (rng.random() < 0.5), 90, found)
        predicted = _listed(rng, found, False, classes)
        kept = {s["id"]: s["category_id"] for s in listed}
        for segment in predicted:
            if rng.random() < 0.8:
                segment["category_id"] = kept.get(segment["id"], segment["category_id"])
        scene[number] = (truth, listed, found, predicted)
    return Scene(scene)
