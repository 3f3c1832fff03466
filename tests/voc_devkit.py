"""Pascal VOC's rule, slowly and in plain Python: what the protocols `voc2007` and `voc2012` are held against.

Written from the rules of the development kit (`VOCevaldet`, `VOCap`); boxes are corners, their last pixels inside.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

Corners = tuple[float, float, float, float]


class Labelled(NamedTuple):
    """An annotation on an image."""

    image: str
    kind: str
    box: Any
    """Corners, or what else is compared."""
    difficult: bool = False


class Found(NamedTuple):
    """A detection on an image."""

    image: str
    kind: str
    box: Any
    score: float


def shared(first: Corners, second: Corners) -> float:
    """Intersection over union of pixels."""
    width = min(first[2], second[2]) - max(first[0], second[0]) + 1
    height = min(first[3], second[3]) - max(first[1], second[1]) + 1
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0] + 1) * (box[3] - box[1] + 1) for box in (first, second)]
    return width * height / (sum(areas) - width * height)


def outcomes(
    labelled: Sequence[Labelled], found: Sequence[Found], kind: str, overlap: Callable[[Any, Any], float] = shared
) -> list[bool]:
    """Whether each detection of a class that counts is true, best scored first."""
    labels = [label for label in labelled if label.kind == kind]
    taken: set[int] = set()
    said = []
    for one in sorted((one for one in found if one.kind == kind), key=lambda one: -one.score):
        overlaps = {k: overlap(one.box, label.box) for k, label in enumerate(labels) if label.image == one.image}
        best = max(overlaps, key=lambda k: (overlaps[k], -k), default=None)
        if best is None or overlaps[best] < 0.5:
            said.append(False)
        elif not labels[best].difficult:
            said.append(best not in taken)
            taken.add(best)
    return said


def average_precision(said: Sequence[bool], n_labelled: int, points: Sequence[float] | None) -> float:
    """At 11 recalls, or, without them, the area under the curve."""
    true, curve = 0, []
    for n, is_true in enumerate(said, 1):
        true += is_true
        curve.append((true / n_labelled, true / n))
    if points is not None:
        return sum(max((p for r, p in curve if r >= at), default=0.0) for at in points) / len(points)
    steps = [k for k, is_true in enumerate(said) if is_true]
    return sum(max(p for _, p in curve[k:]) for k in steps) / n_labelled
