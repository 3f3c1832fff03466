"""Intake: blocks of a file become keyed rows in their buckets; what is refused on the way is written down."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

import numpy as np
import pyarrow as pa

from schemas.records import Block, Run
from schemas.tables import Table
from tasks.columns import constant, numbers
from tasks.normalize import Step, normalize_records
from tasks.resolve import resolve_rows
from tasks.running import usable_cores
from tasks.scratch import check_books
from tasks.shapes import SHAPES
from tasks.storage import PartWriter, StagedPartition
from tasks.units import CategoryIndex, UnitIndex, UnitNames, category_index, unit_index


@dataclass(frozen=True, slots=True)
class Names:
    """What the words of a file are looked up in."""

    units: UnitIndex
    unit_names: UnitNames
    categories: CategoryIndex
    predictions: bool


def names_of(units: pa.Table, categories: pa.Table, predictions: bool) -> Names:
    """What the tables `data_units` and `categories` call things."""
    return Names(unit_index(units), UnitNames(units), category_index(categories), predictions)


@dataclass(slots=True)
class Counts:
    """Rows in = accepted + rejected; `given` counts accepted rows per shape their source gave."""

    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    given: Counter[str] = field(default_factory=Counter)


class RejectWriter:
    """Writes rejects of one run as they come."""

    def __init__(self, staged: StagedPartition, run_id: str, prediction_set: str | None) -> None:
        """Write to the one bucket of `staged`."""
        self._writer = staged.writer()
        self._labels = {"run_id": run_id, "prediction_set": prediction_set}
        self.reasons: Counter[str] = Counter()

    def write(self, rejects: pa.Table) -> None:
        """Add rows; an empty table adds none."""
        if len(rejects):
            self.reasons.update(rejects["reason_code"].to_pylist())
            self._writer.write(labelled(rejects, self._labels))

    def close(self) -> None:
        """Finish the file; without rejects it is empty but has its columns."""
        self._writer.close()


class BucketWriters:
    """Scatters rows over the parts of a table's buckets, in the order they come; buckets encode side by side."""

    def __init__(self, staged: StagedPartition, table: Table, units: UnitIndex, buckets: int) -> None:
        """One writer per bucket; rows need `unit_position`."""
        self._writers: list[PartWriter] = [staged.writer(bucket) for bucket in range(buckets)]
        self._bucket = units.bucket(buckets).astype(np.uint16)
        self._columns = set(table.fields)
        self._threads = ThreadPoolExecutor(usable_cores(), thread_name_prefix=f"write {table.name}")

    def write(self, rows: pa.Table) -> None:
        """Each row goes to the bucket of its unit."""
        bucket = self._bucket[numbers(rows["unit_position"])]
        rows = rows.select([name for name in rows.column_names if name in self._columns])
        if len(self._writers) == 1:
            self._writers[0].write(rows)
            return
        order = np.argsort(bucket, kind="stable")
        starts = np.searchsorted(bucket[order], np.arange(len(self._writers) + 1)).tolist()
        together = rows.take(pa.array(order))
        parts = [together.slice(start, stop - start) for start, stop in pairwise(starts)]
        self._each(PartWriter.write, parts)

    def close(self) -> None:
        """Finish all files: a bucket's last row group is most of it, so this is where the work is."""
        self._each(PartWriter.close)
        self._threads.shutdown()

    def _each(self, work: Callable[..., object], *arguments: Iterable[object]) -> None:
        """Do it with every writer, and wait: a writer takes its rows in order."""
        for _ in self._threads.map(work, self._writers, *arguments):
            pass


@dataclass(slots=True)
class Intake:
    """Where resolved rows go, in file order."""

    keys: Callable[[pa.Table], Step]
    writers: BucketWriters
    rejects: RejectWriter
    constants: Mapping[str, str]
    """Text columns that say the same in every row."""
    counts: Counts = field(default_factory=Counts)


def labelled(rows: pa.Table, constants: Mapping[str, str | None]) -> pa.Table:
    """`rows` with constant text columns."""
    for name, value in constants.items():
        rows = rows.append_column(name, constant(value, len(rows)))
    return rows


def prepare(block: Block, names: Names) -> tuple[int, Step]:
    """(rows read, rows with unit and category keys and rejects): everything that needs no order among blocks."""
    normalized = normalize_records(block.records, names.units, names.unit_names, names.predictions)
    resolved = resolve_rows(normalized.table, names.units, names.categories)
    return block.rows, Step(resolved.table, pa.concat_tables([block.rejects, normalized.rejects, resolved.rejects]))


def _given(rows: pa.Table) -> dict[str, int]:
    """Rows per shape their source gave: default protocols follow from it."""
    there = set(rows.column_names)
    return {shape.name: int(shape.given(rows).sum()) for shape in SHAPES if there.issuperset(shape.needs)}


def deliver(intake: Intake, rows: int, step: Step) -> None:
    """Key the rows of the next block and write them; `rows` is how many it held when it was read."""
    keyed = intake.keys(step.table)
    refused = len(step.rejects) + len(keyed.rejects)
    check_books(rows, len(keyed.table), refused)
    intake.writers.write(labelled(keyed.table, intake.constants))
    intake.rejects.write(step.rejects)
    intake.rejects.write(keyed.rejects)
    counts = intake.counts
    counts.rows += rows
    counts.accepted += len(keyed.table)
    counts.rejected += refused
    counts.given.update(_given(keyed.table))


def take_in(intake: Intake, blocks: Iterable[Block], names: Names, run: Run) -> None:
    """Drive blocks through normalize and resolve on `run`, then, in file order, key and write them."""
    for rows, step in run(partial(prepare, names=names), blocks, label="import"):
        deliver(intake, rows, step)
