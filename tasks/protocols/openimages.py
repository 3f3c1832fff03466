"""Open Images' detection protocol. Source: the challenge's evaluation page, and hotcoco 1.3.0 (`oid_style=True`).

An annotation counts for its class and for every class above it. One that stands for a group of objects is found where
half of a prediction or more lies in it: the best scored is a true positive, the others count nowhere. Where images say
which classes they are annotated for, predictions of others are not judged (hotcoco judges them).
"""

import numpy as np
import pyarrow as pa

from schemas.judging import Annotations, AreaRange, Detections, Judged, Matching, Number, Pairs, Protocol, Rules, Scene
from schemas.records import Array
from tasks import voc
from tasks.columns import numbers, struct_matrix
from tasks.federated import listed_classes, unit_classes
from tasks.kernels.group_of import match_groups
from tasks.shapes.bounding_box import CORNER

WHOLE = AreaRange("all", 0.0, float("inf"))
MOST = 100
"""Per image and class, as hotcoco takes them; the challenge sets no limit."""


def _ancestors(scene: Scene) -> tuple[Array, Array]:
    """(begin int64[highest category_key + 2], keys int32[N]): the measured classes above each class, by its key."""
    keys, hashes, above = (scene.categories[name].to_pylist() for name in ("category_key", "feature_hash", "ancestors"))
    key_of = dict(zip(hashes, keys, strict=True))
    lists: list[list[int]] = [[] for _ in scene.positions]
    for key, several in zip(keys, above, strict=True):
        held = [key_of[each] for each in several or () if each in key_of]
        lists[key] = [each for each in held if scene.positions[each] >= 0]
    begin = np.concatenate([[0], np.cumsum([len(each) for each in lists], dtype=np.int64)])
    return begin, np.array([key for each in lists for key in each], np.int32)


def _first_seen(unit: Array, category: Array, boxes: Array) -> Array:
    """bool[n]: whether no row before says the same box of the same class on the same unit."""
    words = np.column_stack([unit, category.astype(np.int64), boxes.view(np.int64)])
    rows = np.ascontiguousarray(words).view(np.dtype((np.void, words.dtype.itemsize * words.shape[1]))).ravel()
    first = np.zeros(len(rows), bool)
    first[np.unique(rows, return_index=True)[1]] = True
    return first


def expanded(scene: Scene) -> pa.Table:
    """The annotations, and behind them a copy for each class above, unless that class has the same box already."""
    truth = scene.ground_truth
    begin, above = _ancestors(scene)
    category = numbers(truth["category_key"])
    counts = begin[category + 1] - begin[category]
    if not counts.any():
        return truth
    rows = np.repeat(np.arange(len(truth)), counts)
    nth = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    copied = above[begin[category[rows]] + nth]
    every = np.concatenate([np.arange(len(truth)), rows])
    boxes = np.ascontiguousarray(struct_matrix(truth["bbox_px"], CORNER), np.float64)
    classes = np.concatenate([category, copied])
    kept = _first_seen(numbers(truth["unit_key"])[every], classes, boxes[every])
    kept[: len(truth)] = True
    at = truth.column_names.index("category_key")
    table = truth.take(pa.array(every[kept]))
    return table.set_column(at, "category_key", pa.array(classes[kept], truth.schema.field(at).type))


def _below(scene: Scene) -> dict[str, list[str]]:
    """Feature hashes of the classes below each class: where it is not there, neither are they."""
    below: dict[str, list[str]] = {}
    for name, above in zip(*(scene.categories[c].to_pylist() for c in ("feature_hash", "ancestors")), strict=True):
        for each in above or ():
            below.setdefault(each, []).append(name)
    return below


def admitted(scene: Scene, _rules: Rules) -> pa.Table:
    """All predictions; where images say what they are annotated for, those of such classes."""
    if scene.units["neg_categories"].null_count == len(scene.units):
        return scene.predictions
    known = [unit_classes(scene.ground_truth, scene), listed_classes(scene, "neg_categories", _below(scene))]
    annotated = np.isin(unit_classes(scene.predictions, scene), np.concatenate(known))
    return scene.predictions.filter(pa.array(annotated))


def every_counts(truth: pa.Table) -> Array:
    """bool[n]: none is ignored, whatever else its file says."""
    return np.zeros(len(truth), bool)


def is_group(judged: Judged) -> Array:
    """bool[n]: overlap with a group is measured by the prediction's area."""
    return numbers(judged.table["group_of"], missing=False)


def match(pairs: Pairs, found: Detections, truth: Annotations, rules: Rules) -> Matching:
    """Single objects first, then groups."""
    sides = (found.category, found.outside, truth.category, truth.ignored, truth.side.crowd)
    return Matching(*match_groups(*pairs, *sides, np.array(rules.iou_thresholds), len(rules.area_ranges)))


def numbers_of(rules: Rules) -> tuple[Number, ...]:
    """The mean over the classes at each threshold; at the first it is called AP."""
    most = rules.max_detections[-1]
    names = ("AP", *(f"AP{threshold * 100:g}" for threshold in rules.iou_thresholds[1:]))
    pairs = zip(names, rules.iou_thresholds, strict=True)
    return tuple(Number(name, "precision", "all", threshold, most) for name, threshold in pairs)


PROTOCOL = Protocol(
    name="openimages",
    title="Open Images",
    rules=Rules((0.5,), (WHOLE,), (MOST,)),
    numbers=numbers_of,
    unasked=("bounding_box",),
    unasked_on=("group_of",),
    shape="bounding_box",
    truth_columns=("group_of",),
    admitted=admitted,
    expanded=expanded,
    ignored=every_counts,
    crowd=is_group,
    matcher=match,
    interpolation=voc.area_under_curve,
)
