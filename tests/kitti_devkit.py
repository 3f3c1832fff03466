"""KITTI's rule for boxes in images, slowly and in plain Python: what the protocol `kitti` is held against.

Written from the rules of the development kit (`evaluate_object`, 2017), image by image and threshold by threshold.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

LEVELS = ("easy", "moderate", "hard")
LEAST_HEIGHT_PX = {"easy": 40, "moderate": 25, "hard": 25}
MOST_OCCLUDED = {"easy": 0, "moderate": 1, "hard": 2}
MOST_TRUNCATED = {"easy": 0.15, "moderate": 0.3, "hard": 0.5}
OVERLAP = {"car": 0.7, "pedestrian": 0.5, "cyclist": 0.5}
NEIGHBOUR = {"car": "van", "pedestrian": "person_sitting", "cyclist": ""}
STEPS = 41

Corners = tuple[float, float, float, float]


class Labelled(NamedTuple):
    """An annotation; `kind` in lower case, since the rules do not tell cases apart."""

    kind: str
    truncated: float
    occluded: int
    box: Corners


class Found(NamedTuple):
    """A detection."""

    kind: str
    box: Corners
    score: float


class Image(NamedTuple):
    """Annotations and detections in the order of their files."""

    labelled: Sequence[Labelled]
    found: Sequence[Found]


class Outcome(NamedTuple):
    """Of one image at one cut-off."""

    true_scores: list[float]
    false_positives: int


def shared(first: Corners, second: Corners, of_first: bool = False) -> float:
    """Intersection over union, or over the first box alone."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    return width * height / (areas[0] if of_first else areas[0] + areas[1] - width * height)


def counts(label: Labelled, kind: str, level: str) -> bool | None:
    """Whether an annotation must be found; None where it plays no part."""
    if label.kind not in (kind, NEIGHBOUR[kind]):
        return None
    return (
        label.kind == kind
        and label.occluded <= MOST_OCCLUDED[level]
        and label.truncated <= MOST_TRUNCATED[level]
        and label.box[3] - label.box[1] >= LEAST_HEIGHT_PX[level]
    )


def small(found: Found, level: str) -> bool:
    """Whether a detection is too low to count, whatever its class; heights are cut to whole pixels."""
    return int(abs(found.box[3] - found.box[1])) < LEAST_HEIGHT_PX[level]


def _chosen(label: Labelled, free: dict[int, Found], level: str, overlap: float, by_score: bool) -> int | None:
    """The detection an annotation takes: by score in the first pass; by overlap, a small one only for want of another,
    in the second.
    """
    near = {k: shared(found.box, label.box) for k, found in free.items()}
    near = {k: value for k, value in near.items() if value > overlap}
    if by_score:
        return max(near, key=lambda k: (free[k].score, -k), default=None)
    tall = {k: value for k, value in near.items() if not small(free[k], level)}
    return max(tall, key=lambda k: (tall[k], -k)) if tall else min(near, default=None)


def outcome(image: Image, kind: str, level: str, cut_off: float | None, overlap: float) -> Outcome:
    """One image: without a cut-off the first pass, with one the second."""
    free = {
        k: found
        for k, found in enumerate(image.found)
        if (found.kind == kind or small(found, level)) and (cut_off is None or found.score >= cut_off)
    }
    scores = []
    for label in image.labelled:
        must = counts(label, kind, level)
        k = None if must is None else _chosen(label, free, level, overlap, cut_off is None)
        if k is not None:
            found = free.pop(k)
            if must and not small(found, level):
                scores.append(found.score)
    regions = [label.box for label in image.labelled if label.kind == "dontcare"]
    false = [
        found
        for found in free.values()
        if not small(found, level) and not any(shared(found.box, region, True) > overlap for region in regions)
    ]
    return Outcome(scores, len(false))


def _cut_offs(scores: list[float], n_labelled: int) -> Iterator[float]:
    """Scores of true positives, best first, at which recall comes closest to 0, 1/40, 2/40, ..."""
    scores = sorted(scores, reverse=True)
    recall = 0.0
    for k, score in enumerate(scores):
        last = k == len(scores) - 1
        here, after = (k + 1) / n_labelled, (k + 1 if last else k + 2) / n_labelled
        if after - recall < recall - here and not last:
            continue
        yield score
        recall += 1 / (STEPS - 1.0)


def precisions(images: Sequence[Image], kind: str, level: str, overlap: float | None = None) -> list[float] | None:
    """Precision at 41 recalls, the highest from there on; None without annotations that must be found."""
    overlap = OVERLAP[kind] if overlap is None else overlap
    n_labelled = sum(bool(counts(label, kind, level)) for image in images for label in image.labelled)
    if not n_labelled:
        return None
    first = [outcome(image, kind, level, None, overlap) for image in images]
    line = []
    for cut_off in _cut_offs([score for one in first for score in one.true_scores], n_labelled):
        second = [outcome(image, kind, level, cut_off, overlap) for image in images]
        true, false = (sum(map(count, second)) for count in (lambda o: len(o.true_scores), lambda o: o.false_positives))
        line.append(true / (true + false) if true + false else 0.0)
    line += [0.0] * (STEPS - len(line))
    return [max(line[k:]) for k in range(STEPS)]


def average_precision(line: list[float], points: int) -> float:
    """Over 11 recalls from 0, or 40 without 0."""
    return sum(line[::4]) / 11 if points == 11 else sum(line[1:]) / 40
