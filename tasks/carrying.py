"""Matching a bucket: all of it, or what has changed since an earlier evaluation, the rest being carried over."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.records import Array
from schemas.tables import EVALUATED_UNITS, Table
from tasks.columns import numbers
from tasks.engine import Before, Done, Engine, Files, Shard
from tasks.engines import ENGINES
from tasks.evaluated_units import Digesting, Side, Standing, judged_on, read_standing, standing_of
from tasks.matchable import Bucket
from tasks.merging import merge
from tasks.pieces import Ground, ground_of
from tasks.protocols import PROTOCOLS
from tasks.storage import reuse_parts

OF_SET = ("predictions", "classifications_predictions")
"""Tables of a set; the other ones of a bucket are of the ground truth."""


def match_shard(shard: Shard) -> Done:
    """Match a bucket; where an earlier evaluation is to be carried over, only what has changed since.

    The rows are those of a run over all of it. `units_matched` and `units_carried` are counted.
    """
    engine = ENGINES[PROTOCOLS[shard.protocol].engine]
    units = shard.read("data_units")
    ground = ground_of(units, shard.bucket, shard.buckets, shard.rules.tie_order)
    if shard.before is None:
        return _whole(engine, shard, units, ground)
    return _again(engine, shard, shard.before, units, ground)


class _Seen:
    """A view that digests what is read."""

    def __init__(self, engine: Engine, shard: Shard, bucket: Bucket) -> None:
        columns = engine.columns(shard)
        self._columns = columns
        self.sides = tuple(
            Digesting({table: names for table, names in columns.items() if (table in OF_SET) is of_set}, judged, bucket)
            for of_set, judged in zip((True, False), engine.judges, strict=True)
        )

    def taken(self, table: str, rows: pa.Table) -> pa.Table:
        """The rows as they are."""
        if table in self._columns:
            _check_declared(table, rows, self._columns)
            side = self.sides[0] if table in OF_SET else self.sides[1]
            side.take(table, rows)
        return rows

    def holds(self, tables: Mapping[Table, pa.Table]) -> bool:
        """No: they are written."""
        return False

    def finished(self, shard: Shard) -> tuple[Side, Side]:
        """(predictions, annotations) of the bucket's units; tables that matching had no need of are read now."""
        for side in self.sides:
            for table in side.missing():
                side.take(table, shard.read(table, self._columns[table]))
        return self.sides[0].side(), self.sides[1].side()


def _check_declared(table: str, rows: pa.Table, columns: Mapping[str, Sequence[str]]) -> None:
    """What is read and not digested could change unseen."""
    unseen = set(rows.column_names) - set(columns[table])
    assert not unseen, f"matching reads {sorted(unseen)} of {table}, which its engine does not declare"


class _Only:
    """A view of some units: others are not read, and what is written is held."""

    def __init__(self, columns: Mapping[str, Sequence[str]], unit_key: Array, units: int) -> None:
        self._columns = columns
        self._inside = np.zeros(units, bool)
        self._inside[unit_key] = True
        self.rows: dict[str, pa.Table] = {}

    def taken(self, table: str, rows: pa.Table) -> pa.Table:
        """The rows of the units."""
        if table not in self._columns:
            return rows
        _check_declared(table, rows, self._columns)
        return rows.filter(pa.array(self._inside[numbers(rows["unit_key"])]))

    def holds(self, tables: Mapping[Table, pa.Table]) -> bool:
        """Yes, until they are merged."""
        self.rows |= {table.name: rows for table, rows in tables.items()}
        return True


def _whole(engine: Engine, shard: Shard, units: pa.Table, ground: Ground) -> Done:
    seen = _Seen(engine, shard, ground.bucket)
    done = engine.match(replace(shard, view=seen, inside=ground.bucket))
    assert done.judged is not None, "engines say what they judged"
    predictions, annotations = seen.finished(shard)
    standing = standing_of(ground, units, annotations, predictions, judged_on(done.judged, ground.bucket))
    counts = {**done.counts, "units_matched": len(ground.unit_key), "units_carried": 0}
    files = {**done.files, **shard.write({EVALUATED_UNITS: standing.table(shard.labels)})}
    return done._replace(counts=counts, files=files)


class _Change(NamedTuple):
    """What became of a bucket's units since they were matched."""

    before: Standing
    place: Array
    """int64[U]: where each live unit stands in `before`; -1: it is new."""
    redo: Array
    """bool[U]: units to match."""


def _again(engine: Engine, shard: Shard, before: Before, units: pa.Table, ground: Ground) -> Done:
    old = read_standing(before.files[EVALUATED_UNITS.name])
    place = _places(old.unit_key, ground)
    predictions, annotations = _sides(engine, shard, before, ground, old, place)
    nothing = np.zeros(len(ground.unit_key), np.int64)
    now = standing_of(ground, units, annotations, predictions, (nothing, nothing))
    change = _Change(old, place, _changed(old, now, place, engine.pieces.sequences))
    if before.entries and not change.redo.any() and np.array_equal(old.unit_key, ground.unit_key):
        return _as_before(shard, before, old)
    view = _Only(engine.columns(shard), ground.unit_key[change.redo], len(ground.bucket.local))
    done = engine.match(replace(shard, view=view, inside=ground.bucket, keep=False, before=None))
    assert done.judged is not None, "engines say what they judged"
    now = _judged(now, change, judged_on(done.judged, ground.bucket))
    return _merged(engine, shard, before, ground, change, now, view.rows)


def _places(known: Array, ground: Ground) -> Array:
    """int64[U]: where the bucket's units are among `known` keys; -1: nowhere."""
    place = np.full(max(len(ground.bucket.local), int(known.max(initial=0)) + 1), -1, np.int64)
    place[known] = np.arange(len(known))
    return place[ground.unit_key]


def _sides(
    engine: Engine, shard: Shard, before: Before, ground: Ground, old: Standing, place: Array
) -> tuple[Side, Side]:
    """(predictions, annotations) on the bucket's units; what was read before, byte for byte, is not read again."""
    seen = _Seen(engine, shard, ground.bucket)
    known, sides = bool((place >= 0).all()), []
    for digesting, same, stood in zip(
        seen.sides, (before.same_predictions, before.same_annotations), (old.predictions, old.annotations), strict=True
    ):
        if same and known:
            sides.append(stood.of(place))
            continue
        for table, columns in digesting.columns.items():
            digesting.take(table, shard.read(table, columns))
        sides.append(digesting.side())
    return sides[0], sides[1]


def _changed(old: Standing, now: Standing, place: Array, sequences: bool) -> Array:
    """bool[U]: units of which matching would read anything else; with `sequences`, all of theirs, left or joined."""
    same = place >= 0
    for was, found in zip(old[1:5], now[1:5], strict=True):
        same[same] = was[place[same]] == found[same]
    if not sequences:
        return ~same
    stays = np.zeros(len(old.unit_key), bool)
    stays[place[same]] = True
    touched = np.concatenate([now.sequence_digest[~same], old.sequence_digest[~stays]])
    return np.isin(now.sequence_digest, touched)


def _judged(now: Standing, change: _Change, judged: tuple[Array, Array]) -> Standing:
    """The units with (predictions, annotations) judged on them: as before where they are carried over."""
    old, carried = change.before, ~change.redo
    found, known = judged
    found[carried] = old.judged_predictions[change.place[carried]]
    known[carried] = old.judged_annotations[change.place[carried]]
    return now._replace(
        judged_annotations=known,
        other_annotations=now.other_annotations - known,
        judged_predictions=found,
        other_predictions=now.other_predictions - found,
    )


def _merged(
    engine: Engine,
    shard: Shard,
    before: Before,
    ground: Ground,
    change: _Change,
    now: Standing,
    made: Mapping[str, pa.Table],
) -> Done:
    """The bucket's rows, of carried units as they were."""
    pieces = ground.sequence if engine.pieces.sequences else ground.unit_key
    keep = np.unique(pieces[~change.redo])
    files: Files = {
        table.name: merge(table, before.files[table.name], made[table.name], keep, engine.pieces, ground, shard)
        for table in engine.matched
    }
    files |= shard.write({EVALUATED_UNITS: now.table(shard.labels)})
    return Done(_counts(now, int(change.redo.sum())), files)


def _as_before(shard: Shard, before: Before, old: Standing) -> Done:
    """Nothing has changed: the files themselves."""
    files = {
        table: reuse_parts(before.files[table], entries, Path(shard.folders[table]), shard.bucket)
        for table, entries in before.entries.items()
    }
    return Done(_counts(old, 0), files)


def _counts(standing: Standing, matched: int) -> dict[str, int]:
    return {**standing.counts(), "units_matched": matched, "units_carried": len(standing.unit_key) - matched}
