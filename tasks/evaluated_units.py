"""Digests of all that matching reads of each data unit: what says whether it must be matched again."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.records import Array
from schemas.tables import EVALUATED_UNITS
from tasks.columns import constant, numbers
from tasks.content_digests import fold_rows
from tasks.engine import JudgedUnits
from tasks.pieces import Ground
from tasks.storage import read_parts
from tasks.units import mix

UNIT_COLUMNS = (
    "frame", "kind", "sequence_hash", "width", "height", "retired", "neg_categories", "not_exhaustive_categories",
)  # fmt: skip
"""What matching reads of a row of `data_units`; in which order units come shows in no row of theirs."""
_COLUMNS = tuple(name for name in EVALUATED_UNITS.fields if name not in {"prediction_set", "protocol", "rules"})


class Side(NamedTuple):
    """The annotations, or the predictions, of every unit by its key."""

    digest: Array
    """uint64[highest unit_key + 1]; 0: nothing there."""
    rows: Array
    """int64: how many are there that could be judged."""

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

    def __init__(self, columns: Mapping[str, Sequence[str]], judged: str, units: int) -> None:
        """`columns` by table of the side; rows of `judged` are counted; unit keys are below `units`."""
        self.columns, self._judged, self._units = columns, judged, units
        self._tables: dict[str, Array] = {}
        self._rows = np.zeros(units, np.int64)

    def missing(self) -> list[str]:
        """Tables that were not read."""
        return [table for table in self.columns if table not in self._tables]

    def take(self, table: str, rows: pa.Table) -> None:
        """Take what was read of a table; again: nothing."""
        if table in self._tables:
            return
        unit = numbers(rows["unit_key"]).astype(np.int64)
        state = np.zeros(self._units, np.uint64)
        fold_rows(state, unit, rows, list(self.columns[table]))
        self._tables[table] = state
        if table == self._judged:
            self._rows = np.bincount(unit, minlength=self._units)

    def side(self) -> Side:
        """What was taken, of all tables together."""
        states, digest = [self._tables[table] for table in self.columns], np.zeros(self._units, np.uint64)
        there = np.flatnonzero(np.any(states, axis=0))  # a bucket's units are few among the project's
        digest[there] = mix([state[there] for state in states], len(there))
        return Side(digest, self._rows)


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


def judged_on(units: JudgedUnits, unit_key: Array) -> tuple[Array, Array]:
    """(predictions, annotations) judged on each unit, int64[U]."""
    highest = int(max(unit_key.max(initial=0), *(keys.max(initial=0) for keys in units))) + 1
    found, known = (np.bincount(keys.astype(np.int64), minlength=highest)[unit_key] for keys in units)
    return found, known
