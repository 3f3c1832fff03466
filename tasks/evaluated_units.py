"""Digests of all that matching reads of each data unit: what says whether it must be matched again."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.records import Array
from schemas.tables import EVALUATED_UNITS
from tasks.columns import constant, numbers
from tasks.content_digests import fold_rows
from tasks.engine import UNIT_COLUMNS, JudgedUnits
from tasks.matchable import Bucket
from tasks.pieces import Ground
from tasks.storage import read_parts
from tasks.units import mix

_COLUMNS = tuple(name for name in EVALUATED_UNITS.fields if name not in {"prediction_set", "protocol", "rules"})


class Side(NamedTuple):
    """The annotations, or the predictions, of U units."""

    digest: Array
    """uint64[U]; 0: nothing there."""
    rows: Array
    """int64[U]: how many are there that could be judged."""

    def of(self, unit_key: Array) -> "Side":
        """Of some units, in their order."""
        return Side(self.digest[unit_key], self.rows[unit_key])


class Standing(NamedTuple):
    """U units as an evaluation found them, int64[U] each, in the order by which ties between them fall."""

    unit_key: Array
    sequence_digest: Array
    unit_digest: Array
    annotations_digest: Array
    predictions_digest: Array
    judged_annotations: Array
    other_annotations: Array
    judged_predictions: Array
    other_predictions: Array

    @property
    def annotations(self) -> Side:
        """What the ground truth held on them."""
        return Side(self.annotations_digest.view(np.uint64), self.judged_annotations + self.other_annotations)

    @property
    def predictions(self) -> Side:
        """What the set held on them."""
        return Side(self.predictions_digest.view(np.uint64), self.judged_predictions + self.other_predictions)

    def counts(self) -> dict[str, int]:
        """What an evaluation's record says of them."""
        return {
            "predictions": int(self.judged_predictions.sum()),
            "annotations": int(self.judged_annotations.sum()),
            "predictions_outside_protocol": int(self.other_predictions.sum()),
            "annotations_outside_protocol": int(self.other_annotations.sum()),
        }

    def table(self, labels: Mapping[str, str]) -> pa.Table:
        """Rows of EVALUATED_UNITS."""
        count = len(self.unit_key)
        named = {name: constant(text, count) for name, text in labels.items()}
        return pa.table({**named, **self._asdict()})


def read_standing(paths: Sequence[str]) -> Standing:
    """Back from part files."""
    table = read_parts(paths, _COLUMNS)
    return Standing(*(numbers(table[name]).astype(np.int64) for name in _COLUMNS))


class Digesting:
    """A side under way: digests of the rows of each table that matching reads, as it reads them."""

    def __init__(self, columns: Mapping[str, Sequence[str]], judged: str, bucket: Bucket) -> None:
        """`columns` by table of the side; rows of `judged` are counted; those of other units are passed over."""
        self.columns, self._judged, self._bucket = columns, judged, bucket
        self._tables: dict[str, Array] = {}
        self._rows = np.zeros(len(bucket.positions), np.int64)

    def missing(self) -> list[str]:
        """Tables that were not read."""
        return [table for table in self.columns if table not in self._tables]

    def take(self, table: str, rows: pa.Table) -> None:
        """Take what was read of a table; again: nothing."""
        if table in self._tables:
            return
        place = self._bucket.local[numbers(rows["unit_key"])].astype(np.int64)
        state = np.zeros(len(self._rows) + 1, np.uint64)  # the last is that of units of other buckets, at -1
        fold_rows(state, place, rows, list(self.columns[table]))
        self._tables[table] = state[:-1]
        if table == self._judged:
            self._rows = _counts(place, len(self._rows))

    def side(self) -> Side:
        """What was taken, of all tables together, by the places of the bucket's units."""
        states = [self._tables[table] for table in self.columns]
        digest = mix(states, len(self._rows))
        digest[~np.any(states, axis=0)] = 0
        return Side(digest, self._rows)


def _counts(place: Array, units: int) -> Array:
    """int64[U]: how many rows lie on each unit; at -1: on another one."""
    return np.bincount(place + 1, minlength=units + 1)[1:]


def standing_of(
    ground: Ground, units: pa.Table, annotations: Side, predictions: Side, judged: tuple[Array, Array]
) -> Standing:
    """The units of a bucket; both sides are of them in their order, `judged` how many predictions and annotations are.

    `units` is the table `data_units`.
    """
    rows = units.select(UNIT_COLUMNS).take(pa.array(ground.bucket.positions))
    digest = np.zeros(len(rows), np.uint64)
    fold_rows(digest, np.arange(len(rows)), rows, UNIT_COLUMNS)
    found, known = judged
    return Standing(
        ground.unit_key.astype(np.int64),
        ground.sequence.view(np.int64),
        digest.view(np.int64),
        annotations.digest.view(np.int64),
        predictions.digest.view(np.int64),
        known,
        annotations.rows - known,
        found,
        predictions.rows - found,
    )


def judged_on(units: JudgedUnits, bucket: Bucket) -> tuple[Array, Array]:
    """(predictions, annotations) judged on each unit of a bucket, int64[U]."""
    found, known = (_counts(bucket.local[keys], len(bucket.positions)) for keys in units)
    return found, known
