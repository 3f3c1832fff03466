"""A bucket read from the stored tables: what was matched, joined with what it is like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.judging import Array
from tasks.columns import numbers, one_chunk
from tasks.failure_analysis.objects import Dimension, Objects
from tasks.storage import read_parts

PREDICTION, ANNOTATION = "prediction", "annotation"
PREDICTED_UNIT, ANNOTATED_UNIT, IMAGE = "predicted unit", "annotated unit", "image"
OBJECTS = (PREDICTION, ANNOTATION)
_ROWS = {PREDICTED_UNIT: "unit", ANNOTATED_UNIT: "unit"}
"""What rows of `quality` are called that tell of a kind of dimension, where it is not the same."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where a bucket's rows lie, and which of them count: small, so that any process can take it up."""

    matches: tuple[str, ...]
    ground_truth_matches: tuple[str, ...]
    quality: Mapping[str, tuple[str, ...]]
    """Part files of `quality` by what a dimension is of; rows of other buckets may be among them."""
    metrics: Mapping[str, tuple[str, ...]]
    """Columns to read of them."""
    max_detections: int
    least_score: float | None
    """Predictions below are left out, as if the model had not made them; None: all are taken."""
    classes: Array
    """int32[highest category_key + 1]: position of a class by its key; -1 for what is not measured"""


class Units(NamedTuple):
    """Data units, U."""

    key: Array
    """int64[U]"""
    values: Array
    """float64[U, M]: of each dimension of units"""


class Sides(NamedTuple):
    """All that is known of a bucket."""

    predictions: Objects
    annotations: Objects
    units: Units


def dimensions(metrics: Mapping[str, Sequence[str]], side: str | None) -> tuple[Dimension, ...]:
    """The dimensions of a side's objects: its own, then those of units; None: those of units."""
    kinds = ([] if side is None else [side]) + [PREDICTED_UNIT, ANNOTATED_UNIT, IMAGE]
    return tuple(Dimension(kind, metric) for kind in kinds for metric in metrics.get(kind, ()))


class _Known(NamedTuple):
    """Values by key, ascending."""

    key: Array
    values: Array

    def of(self, keys: Array) -> Array:
        """float64[n, M]: of these keys; NaN where there are none."""
        place = np.searchsorted(self.key, keys)
        place[place == len(self.key)] = 0
        known = self.key[place] == keys if len(self.key) else np.zeros(len(keys), bool)
        found = np.full((len(keys), self.values.shape[1]), np.nan)
        found[known] = self.values[place[known]]
        return found


def _known(bucket: Bucket, kind: str) -> _Known:
    """The metrics of a kind, by the key of what it tells of."""
    columns, paths = bucket.metrics.get(kind, ()), bucket.quality.get(kind, ())
    if not paths or not columns:
        return _Known(np.empty(0, np.int64), np.empty((0, len(columns))))
    name = f"{kind}_key" if kind in OBJECTS else "unit_key"
    rows = read_parts(paths, ["of", name, *columns])
    rows = rows.filter(pc.equal(rows["of"], _ROWS.get(kind, kind)))
    keys = numbers(rows[name])
    order = np.argsort(keys, kind="stable")
    values = np.stack([numbers(rows[column].cast(pa.float64())) for column in columns], axis=1)
    return _Known(keys[order], values[order])


def _units(bucket: Bucket) -> _Known:
    kinds = [_known(bucket, kind) for kind in (PREDICTED_UNIT, ANNOTATED_UNIT, IMAGE)]
    keys = np.unique(np.concatenate([kind.key for kind in kinds[:2]] or [kinds[2].key]))
    return _Known(keys, np.concatenate([kind.of(keys) for kind in kinds], axis=1))


def _first(column: pa.ChunkedArray) -> pa.Array:
    """The first entry of each list: at the lowest threshold; null where there is no list."""
    return pc.list_element(one_chunk(column), 0)


def _is(words: pa.Array, word: str) -> Array:
    return numbers(pc.equal(words.cast(pa.string()), word), missing=False)


def _positions(classes: Array, column: pa.ChunkedArray) -> Array:
    return classes[numbers(column)].astype(np.int64)


_MATCH_COLUMNS = (
    "prediction_key", "unit_key", "category_key", "score", "rank", "ranges_outside", "outcomes", "matched_similarity",
)  # fmt: skip
_TRUTH_COLUMNS = ("annotation_key", "unit_key", "category_key", "outcomes", "prediction_keys", "found_score")


def _similarities(matches: pa.Table) -> _Known:
    keys = numbers(matches["prediction_key"])
    order = np.argsort(keys, kind="stable")
    return _Known(keys[order], numbers(matches["matched_similarity"])[order, None])


def _predictions(bucket: Bucket, matches: pa.Table, units: _Known) -> Objects:
    """Predictions that are true or false at the lowest threshold, in the first area range."""
    outcome = _first(matches["outcomes"])
    outside = (numbers(matches["ranges_outside"]) & 1 != 0) & ~np.asarray(outcome.is_valid())
    category = _positions(bucket.classes, matches["category_key"])
    counted = ~_is(outcome, "ignored") & ~outside & (category >= 0)
    counted &= numbers(matches["rank"]) < bucket.max_detections
    if bucket.least_score is not None:
        counted &= numbers(matches["score"]) >= bucket.least_score
    key, unit, hit = numbers(matches["prediction_key"]), numbers(matches["unit_key"]), _is(outcome, "TP")
    similarity = np.where(hit, np.nan_to_num(numbers(matches["matched_similarity"])), 0.0)
    key, unit, category, hit, similarity = (column[counted] for column in (key, unit, category, hit, similarity))
    values = np.concatenate([_known(bucket, PREDICTION).of(key), units.of(unit)], axis=1)
    return Objects(key, unit, category, hit, similarity, values)


def _annotations(bucket: Bucket, truth: pa.Table, found: _Known, units: _Known) -> Objects:
    """Annotations that were found or missed."""
    outcome = _first(truth["outcomes"])
    category = _positions(bucket.classes, truth["category_key"])
    counted = ~_is(outcome, "ignored") & (category >= 0)
    hit = _is(outcome, "TP")
    if bucket.least_score is not None:
        hit &= numbers(truth["found_score"]) >= bucket.least_score
    similarity = found.of(numbers(_first(truth["prediction_keys"]), missing=-1))[:, 0]
    similarity = np.where(hit, np.nan_to_num(similarity), 0.0)
    key, unit = numbers(truth["annotation_key"]), numbers(truth["unit_key"])
    key, unit, category, hit, similarity = (column[counted] for column in (key, unit, category, hit, similarity))
    values = np.concatenate([_known(bucket, ANNOTATION).of(key), units.of(unit)], axis=1)
    return Objects(key, unit, category, hit, similarity, values)


def read_sides(bucket: Bucket) -> Sides:
    """Read and join a bucket; predictions and annotations that do not count are left out."""
    matches = read_parts(bucket.matches, _MATCH_COLUMNS)
    truth = read_parts(bucket.ground_truth_matches, _TRUTH_COLUMNS)
    units = _units(bucket)
    predictions = _predictions(bucket, matches, units)
    return Sides(predictions, _annotations(bucket, truth, _similarities(matches), units), Units(*units))
