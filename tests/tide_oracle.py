"""What TIDE says, box by box and slowly: the rule of tidecv 1.0.1 as its paper and program have it.

Two things are as COCO has them: means go over classes with annotations that count, and equal scores are not told apart.
"""

from typing import Any, NamedTuple

import numpy as np
from pycocotools import mask as mask_api

Box = dict[str, Any]
_POINTS = np.arange(101) / 100


class _Error(NamedTuple):
    kind: str
    found: Box
    truth: Box | None = None
    """What it could have found, of Cls and Loc."""


def _overlaps(found: list[Box], truth: list[Box], crowd: bool) -> np.ndarray:
    if not found or not truth:
        return np.zeros((len(found), len(truth)))
    boxes = ([row["bbox"] for row in rows] for rows in (found, truth))
    return mask_api.iou(*boxes, [crowd] * len(truth))


def _match(found: list[Box], truth: list[Box], iou: np.ndarray, threshold: float) -> dict[int, int]:
    """Truth by place, of found by place: each takes its best free one of the class."""
    taken: dict[int, int] = {}
    for d, row in enumerate(found):
        free = [g for g, t in enumerate(truth) if t["category_id"] == row["category_id"] and g not in taken.values()]
        best = max(free, key=lambda g: iou[d, g], default=None)
        if best is not None and iou[d, best] >= threshold:
            taken[d] = best
    return taken


def _reason(d: int, found: list[Box], truth: list[Box], iou: np.ndarray, used: set[int], threshold: float) -> _Error:
    same = np.array([t["category_id"] == found[d]["category_id"] for t in truth], bool)
    if not truth:
        return _Error("Bkg", found[d])
    own, other = iou[d] * same, iou[d] * ~same
    if 0.1 <= own.max() <= threshold:
        return _Error("Loc", found[d], truth[int(own.argmax())])
    if other.max() >= threshold:
        return _Error("Cls", found[d], truth[int(other.argmax())])
    if max((own[g] for g in used), default=0) >= threshold:
        return _Error("Dupe", found[d])
    return _Error("Bkg" if iou[d].max() <= 0.1 else "Both", found[d])


class _Image(NamedTuple):
    true: list[tuple[Box, Box]]
    ignored: list[int]
    """ids of detections."""
    errors: list[_Error]
    missed: list[Box]


def _image(found: list[Box], truth: list[Box], threshold: float) -> _Image:
    found = sorted(found, key=lambda row: -row["score"])
    crowds, truth = ([t for t in truth if bool(t.get("iscrowd")) is crowd] for crowd in (True, False))
    iou, over = _overlaps(found, truth, False), _overlaps(found, crowds, True)
    taken = _match(found, truth, iou, threshold)
    ignored, errors, used = [], [], set(taken.values())
    for d, row in enumerate(found):
        if d in taken:
            continue
        if any(over[d, g] > threshold for g, t in enumerate(crowds) if t["category_id"] == row["category_id"]):
            ignored.append(id(row))
        errors.append(_reason(d, found, truth, iou, used, threshold))
    missed = [t for g, t in enumerate(truth) if g not in used]
    return _Image([(found[d], truth[g]) for d, g in taken.items()], ignored, errors, missed)


def _average_precision(rows: list[tuple[float, bool]], positive: int) -> float:
    if positive == 0 or not rows:
        return 0.0
    true = np.cumsum([right for _, right in sorted(rows, key=lambda row: -row[0])])
    precision = np.maximum.accumulate((true / np.arange(1, len(true) + 1))[::-1])[::-1]
    place = np.searchsorted(true / positive, _POINTS, side="left")
    return float(np.append(precision, 0.0)[place].mean())


class _World(NamedTuple):
    rows: dict[int, list[tuple[float, bool]]]
    positive: dict[int, int]

    def mean(self, classes: set[int]) -> float:
        return float(np.mean([_average_precision(self.rows.get(k, []), self.positive.get(k, 0)) for k in classes]))


def _world(images: list[_Image], mended: str, fixed: dict[int, _Error]) -> _World:
    """The rows and totals of each class, where errors of a kind are `mended`; `fixed` by id of the annotation."""
    world = _World({}, {})
    for image in images:
        for found, _ in image.true:
            world.rows.setdefault(found["category_id"], []).append((found["score"], True))
        for truth in [*(t for _, t in image.true), *image.missed]:
            lost = mended == "Miss" and id(truth) not in fixed
            gone = truth in image.missed and (mended == "FN" or lost)
            world.positive[truth["category_id"]] = world.positive.get(truth["category_id"], 0) + (not gone)
        for error in image.errors:
            if error.kind != mended and mended != "FP" and id(error.found) not in image.ignored:
                world.rows.setdefault(error.found["category_id"], []).append((error.found["score"], False))
            if error.kind == mended and error.truth is not None and fixed.get(id(error.truth)) is error:
                world.rows.setdefault(error.truth["category_id"], []).append((error.found["score"], True))
    return world


def _on(rows: list[Box], image: int) -> list[Box]:
    return [row for row in rows if row["image_id"] == image]


def tide_says(ground_truth: dict[str, Any], results: list[Box], threshold: float = 0.5) -> dict[str, float]:
    """Gain of each kind of error, by name; those of Cls to Miss at least 0."""
    numbers, truth = [image["id"] for image in ground_truth["images"]], ground_truth["annotations"]
    images = [_image(_on(results, k), _on(truth, k), threshold) for k in numbers]
    missed = {id(t) for image in images for t in image.missed}
    fixed: dict[int, _Error] = {}
    for error in sorted((e for image in images for e in image.errors), key=lambda e: -e.found["score"]):
        if error.truth is not None and id(error.truth) in missed:
            fixed.setdefault(id(error.truth), error)
    classes = {row["category_id"] for row in truth if not row.get("iscrowd")}
    kinds = ("Cls", "Loc", "Both", "Dupe", "Bkg", "Miss", "FP", "FN")
    base = _world(images, "", fixed).mean(classes)
    gains = {kind: _world(images, kind, fixed).mean(classes) - base for kind in kinds}
    return {kind: gain if kind in ("FP", "FN") else max(gain, 0.0) for kind, gain in gains.items()}
