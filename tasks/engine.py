"""Engines: ways of judging a set against the ground truth. What one has to offer, and what it is handed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from schemas.judging import Array, Protocol, Rules
from schemas.records import Run
from schemas.tables import EVALUATED_UNITS, TABLES, Table
from tasks.matchable import Bucket, bucket_of
from tasks.pieces import UNITS, Pieces
from tasks.running import at_once, local_run
from tasks.slices.members import Slice
from tasks.storage import FileEntry, PartWriter, read_parts, read_whole
from tasks.together import Together
from tasks.units import UnitIndex

Files = dict[str, list[FileEntry]]
"""Written part files by table."""
Given = Mapping[str, int]
"""Rows per shape that the sources gave, per task where it is not objects, and per format."""

ANNOTATION, UNIT, SEQUENCE = "annotation", "unit", "sequence"
"""The smallest part of the data that an engine's numbers can be told for."""

UNIT_COLUMNS = (
    "frame", "kind", "sequence_hash", "width", "height", "retired", "neg_categories", "not_exhaustive_categories",
)  # fmt: skip
"""What matching reads of a row of `data_units`; in which order units come shows in no row of theirs."""
_WHOLE = {"data_units": ("unit_key", "source_order", *UNIT_COLUMNS), "categories": None}
"""Tables of which every shard reads all rows, and the columns of them that anything there looks at; None: every one."""
_BY_NAME = {table.name: table for table in TABLES}


@dataclass(frozen=True, slots=True)
class Before:
    """What an earlier evaluation under the same rules left of a bucket's units."""

    files: dict[str, tuple[str, ...]]
    """Part files by table that match wrote, of all buckets that share units with this one."""
    entries: Files
    """The same as they were committed, where they are this bucket's and no other's; else none."""
    same_predictions: bool
    """The set's rows that the bucket reads are those that it read then, byte for byte."""
    same_annotations: bool


@dataclass(frozen=True, slots=True)
class Shard:
    """One bucket to judge: paths and small parameters only, so that any process can take it up."""

    protocol: str
    rules: Rules
    bucket: int
    buckets: int
    inputs: dict[str, tuple[str, ...]]
    """Part files by table: the set's own of the bucket, the ground truth's that share units with it, and data_units and
    categories whole. A table that was never written has none."""
    given: dict[str, int]
    """Of the set."""
    truth_given: dict[str, int]
    labels: dict[str, str]
    """prediction_set, protocol and rules of the rows."""
    folders: dict[str, str]
    """Staged folder of each table the engine writes."""
    keep: bool = False
    """Hand over in memory what `measure` would read back: the set is small, and the same process measures it."""
    slices: tuple[Slice, ...] = ()
    """Those of its plan, where it is to `keep`."""
    before: Before | None = None
    """None: there is nothing to carry over."""
    view: Any = None
    """A `tasks.carrying.View` through which rows are read and written, in the process that matches; None: as they are.
    """
    inside: Bucket | None = None
    """Its units, where they have been looked up."""
    together: Together | None = None
    """What it shares with the shards of other protocols that are worked on in the same pass; None: it is alone."""

    def read(self, table: str, columns: Sequence[str] | None = None, texts: Sequence[str] = ()) -> pa.Table:
        """Rows of an input; without files, none. Rows of units that lie in other buckets may be among them.

        `texts` are columns of text that may come as codes of a dictionary.
        """
        rows = self._read(table, columns, texts)
        return rows if self.view is None else self.view.taken(table, rows)

    def _read(self, table: str, columns: Sequence[str] | None, texts: Sequence[str]) -> pa.Table:
        paths = self.inputs[table]
        if paths:
            if table in _WHOLE:
                return read_whole(paths, columns or _WHOLE[table])
            if self.together is not None:
                return self.together.rows(table, paths, columns)
            return read_parts(paths, columns, texts)
        empty = _BY_NAME[table].schema.empty_table()
        return empty if columns is None else empty.select(list(columns))

    def bucket_of(self, units: UnitIndex) -> Bucket:
        """The live units of its bucket."""
        return self.inside or bucket_of(units, self.bucket, self.buckets, self.rules.tie_order)

    def write(self, tables: Mapping[Table, pa.Table]) -> Files:
        """The bucket's rows as part files; the last bucket's by the threads that have no other any more."""
        if self.view is not None and self.view.holds(tables):
            return {}
        files = at_once(self._write, list(tables.items()))
        return {table.name: entries for table, entries in zip(tables, files, strict=True)}

    def _write(self, named: tuple[Table, pa.Table]) -> list[FileEntry]:
        table, rows = named
        with PartWriter(Path(self.folders[table.name]), self.bucket, table) as writer:
            writer.write_all([rows], local_run())
            return writer.close()


class JudgedUnits(NamedTuple):
    """Units of what a bucket judged: unit_key of each prediction and of each annotation, int64[D] and int64[G]."""

    predictions: Array
    annotations: Array


class Done(NamedTuple):
    """What became of a shard."""

    counts: dict[str, int]
    """`predictions` and whatever else adds up over buckets; kept in the record of the evaluation."""
    files: Files
    kept: Any = None
    """What `measure` takes in place of the files, where the shard says `keep` and the engine does."""
    resumed: bool = False
    """It had been matched by a run that died."""
    judged: JudgedUnits | None = None
    """Always said by engines; not noted of what is resumed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One set under one protocol's rules."""

    protocol: str
    rules: Rules
    labels: dict[str, str]
    """prediction_set, protocol and rules of the rows."""
    data_units: tuple[str, ...]
    categories: tuple[str, ...]
    shards: tuple[Shard, ...]
    folders: dict[str, str]
    """Staged folder of each table."""
    rows: int = 0
    """Rows of the set that the engine reads."""
    slices: str = ""
    """File of the slices that have numbers too; empty: none."""


@dataclass(frozen=True, slots=True)
class Matched:
    """What the match stage wrote, and how much it judged."""

    counts: dict[str, int]
    files: Files
    kept: tuple[Any, ...] = ()
    """Of every shard what it handed over; empty where `measure` has to read."""
    resumed: int = 0
    """Shards that a run that died had matched."""

    def paths(self, plan: Plan, table: str) -> list[tuple[str, ...]]:
        """Part files of a table that match wrote, a tuple per bucket, in the order of the buckets."""
        buckets: dict[str, list[str]] = {}
        for file in sorted(self.files[table], key=lambda file: file.path):
            bucket, _, _ = file.path.partition("/")
            buckets.setdefault(bucket, []).append(str(Path(plan.folders[table]) / file.path))
        return [tuple(buckets[bucket]) for bucket in sorted(buckets)]


Rows = Mapping[str, Iterable[pa.Table]]
"""Rows by table name, piece by piece."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A way of judging: bucket by bucket into tables of its own, then measured over all buckets."""

    name: str
    reads: tuple[str, ...]
    """Tables of the set and of the ground truth that a bucket's work reads, beside data_units and categories."""
    matched: tuple[Table, ...]
    """Tables that `match` writes, bucket by bucket."""
    measured: tuple[Table, ...]
    """Tables that `measure` writes, each in one part."""
    match: Callable[[Shard], Done]
    measure: Callable[[Plan, Matched, Run], Rows]
    """(plan, what match wrote, run) -> rows of `measured`, read back from what match wrote; all tables at least once.
    Memory is bounded by a shard and by the ground truth."""
    misfit: Callable[[Protocol, Given, Given], str | None]
    """(protocol, given of the set, given of the ground truth) -> why the protocol cannot judge this set, or None."""
    columns: Callable[[Shard], Mapping[str, Sequence[str]]]
    """What `match` reads of each table of `reads`: digests of it tell which units have changed."""
    pieces: Pieces = UNITS
    """What its matched rows hang on, and how they ascend."""
    judges: tuple[str, str] = ("predictions", "ground_truth")
    """Tables of the set and of the ground truth whose rows are judged; those of the others only help."""
    grain: str = UNIT
    """ANNOTATION, UNIT or SEQUENCE: the smallest part that slices may hold or leave out."""
    task: str = ""
    """`task` of the annotations it judges; empty: null."""

    @property
    def held(self) -> tuple[Table, ...]:
        """All that is written bucket by bucket, beside what it matched the units it found."""
        return (*self.matched, EVALUATED_UNITS)

    @property
    def tables(self) -> tuple[Table, ...]:
        """All that is written."""
        return (*self.held, *self.measured)
