"""LVIS' federated protocol. Source: lvis 0.5.3, `LVISEval`; Gupta et al., CVPR 2019.

Images are annotated for some classes only: those that are there, and those listed as not there. Predictions of others
are not judged, nor those beyond the best 300 of an image; of classes that are not annotated exhaustively, those that
find nothing are ignored.
"""

from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa

from schemas.coco_rules import DETECTION_RULES
from schemas.judging import Judged, Number, Protocol, Rules, Scene
from schemas.records import Array, Shape
from tasks.canonical import content_keys
from tasks.columns import numbers
from tasks.federated import listed_classes, unit_classes
from tasks.matchable import outside_ranges

MOST = 300
"""Per image, over all classes."""
_UNJUDGED = "not_exhaustive"
_SHORT = {"small": "s", "medium": "m", "large": "l"}


def _best(found: pa.Table, rules: Rules, shape: Shape) -> Array:
    """bool[n]: whether a prediction is among the best of its unit; of equals the first in the order of ties are."""
    unit, most = numbers(found["unit_key"]), rules.max_detections[-1]
    tie = numbers(found["prediction_key"])
    if rules.tie_order != "file":
        tie = content_keys(found, (*shape.needs, "category_key", "area"))
    order = np.lexsort((tie, -numbers(found["score"]), unit))
    begins = np.flatnonzero(np.diff(unit[order], prepend=-1))
    rank = np.arange(len(unit)) - np.repeat(begins, np.diff(np.append(begins, len(unit))))
    best = np.zeros(len(unit), bool)
    best[order[rank < most]] = True
    return best


def _admitted(scene: Scene, rules: Rules, shape: Shape) -> pa.Table:
    """The best predictions of each image that are of classes it is annotated for."""
    found = scene.predictions
    pair = unit_classes(found, scene)
    known = np.concatenate([unit_classes(scene.ground_truth, scene), listed_classes(scene, "neg_categories")])
    annotated = np.isin(pair, known)
    found = found.append_column(_UNJUDGED, pa.array(np.isin(pair, listed_classes(scene, "not_exhaustive_categories"))))
    return found.filter(pa.array(annotated & _best(found, rules, shape)))


def ignored(truth: pa.Table) -> Array:
    """As the file says; crowds are annotations like others."""
    return numbers(truth["ignore"], missing=False)


def no_crowds(judged: Judged) -> Array:
    """None: every annotation is found once."""
    return np.zeros(len(judged.table), bool)


def found_outside(judged: Judged, rules: Rules) -> Array:
    """By area; in every range where the class is not annotated exhaustively."""
    every = np.uint64((1 << len(rules.area_ranges)) - 1)
    by_area = outside_ranges(numbers(judged.table["area"]), rules)
    return np.where(numbers(judged.table[_UNJUDGED]), every, by_area)


def numbers_of(rules: Rules) -> tuple[Number, ...]:
    """AP, at two thresholds, by area, by how frequent classes are; AR, by area."""
    whole, *parts = [bounds.name for bounds in rules.area_ranges]
    most = rules.max_detections[-1]
    by_area = [(_SHORT.get(name, f"_{name}"), name) for name in parts]
    return (
        Number("AP", "precision", whole, None, most),
        *(Number(f"AP{t * 100:g}", "precision", whole, t, most) for t in (0.5, 0.75)),
        *(Number(f"AP{short}", "precision", name, None, most) for short, name in by_area),
        *(Number(f"AP{letter}", "precision", whole, None, most, letter) for letter in "rcf"),
        Number(f"AR@{most}", "recall", whole, None, most),
        *(Number(f"AR{short}@{most}", "recall", name, None, most) for short, name in by_area),
    )


def protocol(name: str, title: str, shape: Shape) -> Protocol:
    """The protocol on one kind of shape."""
    return Protocol(
        name=name,
        title=title,
        rules=replace(DETECTION_RULES, max_detections=(MOST,)),
        numbers=numbers_of,
        unasked=(shape.name,),
        unasked_on=("federated",),
        needs_on="federated",
        shape=shape.name,
        truth_columns=("ignore",),
        admitted=partial(_admitted, shape=shape),
        ignored=ignored,
        crowd=no_crowds,
        found_outside=found_outside,
    )
