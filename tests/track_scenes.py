"""Made-up tracks for tests, and what trackeval says of them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest


class Box(NamedTuple):
    """A box of a track on a frame."""

    frame: int
    track: str
    box_px: tuple[float, float, float, float]
    category: str = "pedestrian"
    ignored: bool = False


Sequences = dict[str, tuple[list[Box], list[Box]]]
"""Annotated and predicted boxes by sequence."""


def _walk(rng: np.random.Generator, frames: int, track: str, category: str) -> list[Box]:
    """A track that wanders, and is not there on some frames."""
    x, y, w, h = rng.integers(0, 60, 2).tolist() + rng.integers(10, 40, 2).tolist()
    boxes = []
    for frame in range(int(rng.integers(0, frames)), frames):
        x, y = x + int(rng.integers(-3, 4)), y + int(rng.integers(-3, 4))
        if rng.random() < 0.85:
            boxes.append(Box(frame, track, (x, y, w, h), category, bool(rng.random() < 0.03)))
    return boxes


def _found(rng: np.random.Generator, boxes: Sequence[Box], tracks: int) -> list[Box]:
    """What a tracker makes of annotated boxes: some missed, moved, under another track for a while."""
    names = {box.track: f"p{k}" for k, box in enumerate(boxes)}
    found: dict[tuple[int, str, str], Box] = {}
    for box in boxes:
        if rng.random() < 0.08:
            names[box.track] = f"p{rng.integers(tracks)}"
        if rng.random() < 0.85:
            moved = np.array(box.box_px) + rng.integers(-3, 4, 4)
            place = (box.frame, names[box.track], box.category)
            found[place] = Box(box.frame, names[box.track], tuple(np.maximum(moved, 1).tolist()), box.category)
    return list(found.values())


def made_up(seed: int, names: Sequence[str] = ("a", "b", "c"), classes: Sequence[str] = ("pedestrian",)) -> Sequences:
    """Sequences of up to 12 frames with up to 8 tracks each, crowded enough for switches."""
    rng = np.random.default_rng(seed)
    made = {}
    for name in names:
        frames = int(rng.integers(2, 13))
        truth = [box for k in range(rng.integers(1, 9)) for box in _walk(rng, frames, f"t{k}", rng.choice(classes))]
        extra = [box._replace(ignored=False) for box in _walk(rng, frames, "p99", rng.choice(classes))]
        made[name] = truth, _found(rng, truth, 8) + extra
    return made


def _ious(truth: Sequence[Box], found: Sequence[Box]) -> np.ndarray:
    dataset = pytest.importorskip("trackeval.datasets", reason="needs trackeval")
    sides = [np.array([box.box_px for box in side], float).reshape(-1, 4) for side in (truth, found)]
    return dataset.MotChallenge2DBox._calculate_box_ious(*sides, box_format="xywh")


def _data(truth: Sequence[Box], found: Sequence[Box]) -> dict[str, Any]:
    """A sequence as trackeval's metrics take it."""
    frames = 1 + max((box.frame for box in (*truth, *found)), default=0)
    words = [{name: k for k, name in enumerate(sorted({box.track for box in side}))} for side in (truth, found)]
    at = [[[box for box in side if box.frame == frame] for frame in range(frames)] for side in (truth, found)]
    ids = [[np.array([word[box.track] for box in here], int) for here in side]
           for word, side in zip(words, at, strict=True)]  # fmt: skip
    return {
        "num_timesteps": frames, "gt_ids": ids[0], "tracker_ids": ids[1],
        "similarity_scores": [_ious(*sides) for sides in zip(*at, strict=True)],
        "num_gt_dets": len(truth), "num_tracker_dets": len(found),
        "num_gt_ids": len(words[0]), "num_tracker_ids": len(words[1]),
    }  # fmt: skip


def _metrics() -> dict[str, Any]:
    metrics = pytest.importorskip("trackeval.metrics", reason="needs trackeval")
    quiet = {"PRINT_CONFIG": False}
    return {"HOTA": metrics.HOTA(), "CLEAR": metrics.CLEAR(quiet), "Identity": metrics.Identity(quiet)}


def reference(sequences: Sequences, category: str | None = None) -> dict[str, Any]:
    """trackeval's numbers of one class (None: the boxes of all as of one), over all sequences."""
    found: dict[str, Any] = {}
    for metric in _metrics().values():
        results = {
            sequence: metric.eval_sequence(_data(*(
                [box for box in side if category in (None, box.category) and not box.ignored] for side in sides
            )))
            for sequence, sides in sequences.items()
        }  # fmt: skip
        found |= metric.combine_sequences(results)
    return found


def over_classes(sequences: Sequences, classes: Sequence[str]) -> dict[str, Any]:
    """trackeval's numbers over all classes, by their sums."""
    by_class = {category: reference(sequences, category) for category in classes}
    found: dict[str, Any] = {}
    for metric in _metrics().values():
        found |= metric.combine_classes_det_averaged(by_class)
    return found


ALPHAS = ("HOTA", "DetA", "AssA", "DetRe", "DetPr", "AssRe", "AssPr", "LocA")
NAMES = {"MOTA": "MOTA", "MOTP": "MOTP", "IDF1": "IDF1", "IDP": "IDP", "IDR": "IDR", "IDSW": "IDSW", "Frag": "Frag",
         "MT": "MT", "PT": "PT", "ML": "ML", "TP": "CLR_TP", "FP": "CLR_FP", "FN": "CLR_FN", "IDTP": "IDTP",
         "IDFP": "IDFP", "IDFN": "IDFN"}  # fmt: skip
"""Ours by trackeval's."""


def expected(result: Mapping[str, Any]) -> dict[str, float]:
    """trackeval's numbers under our names: means over the thresholds of HOTA, and the others."""
    means = {name: float(np.mean(result[name])) for name in ALPHAS}
    return means | {ours: float(result[theirs]) for ours, theirs in NAMES.items()}
