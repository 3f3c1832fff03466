"""Intake: blocks of a file become keyed rows in their buckets; what is refused on the way is written down."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

import pyarrow as pa

from schemas.records import Block, Run
from tasks.bucket_writers import BucketWriters
from tasks.columns import constant
from tasks.normalize import Step, normalize_records
from tasks.resolve import resolve_rows
from tasks.scratch import check_books
from tasks.shapes import SHAPES
from tasks.storage import StagedPartition
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
