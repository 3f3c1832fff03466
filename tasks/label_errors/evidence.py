"""What sets say of a bucket's annotations, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.judging import Array
from tasks.columns import numbers, one_chunk, struct_matrix
from tasks.label_errors.trust import Trust
from tasks.storage import read_parts

_CORNER = ("x", "y", "w", "h")
NONE = -1
"""Stands for the key of nothing."""


@dataclass(frozen=True, slots=True)
class SetParts:
    """Where a set's rows of a bucket lie."""

    matches: tuple[str, ...]
    ground_truth_matches: tuple[str, ...]
    predictions: tuple[str, ...]
    max_detections: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where a bucket's rows lie, set by set: small, so that any process can take it up."""

    sets: tuple[SetParts, ...]
    ground_truth: tuple[str, ...]
    classes: Array
    """int32[highest category_key + 1]: position of a class by its key; -1 for what is not measured"""


class Found(NamedTuple):
    """The predictions of a set that count, n."""

    key: Array
    unit: Array
    category: Array
    """int64[n]: category_key"""
    score: Array
    hit: Array
    """bool[n]"""
    similarity: Array
    """float64[n]: highest with an annotation of the class; 0 below 0.1"""
    other_similarity: Array
    """float64[n]: the same of another class"""
    other_annotation: Array
    """int64[n]: that annotation; NONE"""
    box: Array
    """float64[n, 4]: hull x, y, w, h, relative"""


class Seen(NamedTuple):
    """What a set says of each annotation, G."""

    hit: Array
    """bool[G]"""
    near: Array
    """float64[G]: highest similarity of a prediction of the class; 0 below 0.1"""
    near_key: Array
    """int64[G]: that prediction; NONE"""
    confused: Array
    """bool[G]: a prediction of another class lies on it"""


class Annotations(NamedTuple):
    """The annotations that count for every set, G."""

    key: Array
    unit: Array
    category: Array
    """int64[G]: category_key"""
    position: Array
    """int64[G]: of its class among the measured ones"""
    box: Array
    """float64[G, 4]: hull, relative"""


class Evidence(NamedTuple):
    """A bucket: its annotations, and S sets."""

    annotations: Annotations
    found: tuple[Found, ...]
    seen: tuple[Seen, ...]


class Standing(NamedTuple):
    """What is known of the sets over all buckets."""

    trust: tuple[Trust, ...]
    recall: Array
    """float64[S, K]: share of each class' annotations that a set found"""
    recall_by_size: Array
    """float64[S, Q]: the same of each tenth of them by area of the hull"""
    sizes: Array
    """float64[Q]: largest area of each tenth, relative"""
    threshold: float
    """lowest similarity of a match"""


def _word(column: pa.ChunkedArray) -> pa.Array:
    return pc.list_element(one_chunk(column), 0).cast(pa.string())


def _is(words: pa.Array, word: str) -> Array:
    return numbers(pc.equal(words, word), missing=False)


def _filled(rows: pa.Table, name: str, missing: float) -> Array:
    return numbers(rows[name], missing=missing)


def boxes_by_key(parts: Sequence[str], name: str, keys: Array) -> Array:
    """float64[n, 4]: hulls of the rows of these keys; NaN where there is none."""
    rows = read_parts(parts, [name, "bbox"])
    known = numbers(rows[name])
    order = np.argsort(known, kind="stable")
    matrix = struct_matrix(rows["bbox"], _CORNER)[order]
    place = np.minimum(np.searchsorted(known[order], keys), max(len(known) - 1, 0))
    there = known[order][place] == keys if len(known) else np.zeros(len(keys), bool)
    found = np.full((len(keys), 4), np.nan)
    found[there] = matrix[place[there]]
    return found


_FOUND_COLUMNS = (
    "prediction_key", "unit_key", "category_key", "score", "rank", "ranges_outside", "outcomes", "best_similarity",
    "best_other_similarity", "best_other_annotation_key",
)  # fmt: skip


def _found(parts: SetParts, classes: Array, with_boxes: bool) -> Found:
    rows = read_parts(parts.matches, _FOUND_COLUMNS)
    word = _word(rows["outcomes"])
    outside = (numbers(rows["ranges_outside"]) & 1 != 0) & ~np.asarray(word.is_valid())
    counted = ~_is(word, "ignored") & ~outside & (numbers(rows["rank"]) < parts.max_detections)
    counted &= classes[numbers(rows["category_key"])] >= 0
    hit, rows = _is(word, "TP")[counted], rows.filter(pa.array(counted))
    keys = numbers(rows["prediction_key"])
    box = boxes_by_key(parts.predictions, "prediction_key", keys) if with_boxes else np.empty((0, 4))
    return Found(
        keys,
        numbers(rows["unit_key"]),
        numbers(rows["category_key"]).astype(np.int64),
        numbers(rows["score"]),
        hit,
        _filled(rows, "best_similarity", 0.0),
        _filled(rows, "best_other_similarity", 0.0),
        _filled(rows, "best_other_annotation_key", NONE),
        box,
    )


_SEEN_COLUMNS = (
    "annotation_key", "unit_key", "category_key", "outcomes", "near_similarity", "near_prediction_key",
    "confused_category",
)  # fmt: skip


def _truth(parts: SetParts, classes: Array) -> tuple[pa.Table, Array, Array]:
    """(rows by ascending key, each once; which of them count; which were found)."""
    rows = read_parts(parts.ground_truth_matches, _SEEN_COLUMNS)
    _, first = np.unique(numbers(rows["annotation_key"]), return_index=True)
    rows = rows.take(pa.array(first))
    word = _word(rows["outcomes"])
    counted = ~_is(word, "ignored") & (classes[numbers(rows["category_key"])] >= 0)
    return rows, counted, _is(word, "TP")


def _seen(rows: pa.Table, hit: Array) -> Seen:
    confused = np.asarray(one_chunk(rows["confused_category"]).is_valid())
    return Seen(hit, _filled(rows, "near_similarity", 0.0), _filled(rows, "near_prediction_key", NONE), confused)


def read_evidence(bucket: Bucket, with_boxes: bool = True) -> Evidence:
    """Read a bucket; of annotations those that count for every set; boxes of predictions where they are asked for."""
    truths = [_truth(parts, bucket.classes) for parts in bucket.sets]
    counted = np.logical_and.reduce([counted for _, counted, _ in truths])
    rows = truths[0][0].filter(pa.array(counted))
    key, category = numbers(rows["annotation_key"]), numbers(rows["category_key"])
    annotations = Annotations(
        key,
        numbers(rows["unit_key"]),
        category.astype(np.int64),
        bucket.classes[category].astype(np.int64),
        boxes_by_key(bucket.ground_truth, "annotation_key", key),
    )
    found = tuple(_found(parts, bucket.classes, with_boxes) for parts in bucket.sets)
    seen = tuple(_seen(rows.filter(pa.array(counted)), hit[counted]) for rows, _, hit in truths)
    return Evidence(annotations, found, seen)
