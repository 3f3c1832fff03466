"""Intake: blocks of a file become keyed rows in their buckets; what is refused on the way is written down."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from schemas.records import Array, Block, Run
from schemas.tables import Table
from tasks.answers import resolve_answers
from tasks.bucket_writers import BucketWriters
from tasks.columns import constant, numbers
from tasks.naming import Names
from tasks.normalize import LEAVES_IMAGE, Step, normalize_records
from tasks.resolve import resolve_rows
from tasks.scratch import check_books
from tasks.shapes import SHAPES
from tasks.storage import StagedPartition
from tasks.units import UnitIndex


@dataclass(slots=True)
class Counts:
    """Rows in = accepted + rejected; `given` counts accepted rows per shape their source gave, `leaving` those with a
    box that leaves its image, or did until it was clipped.
    """

    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    leaving: int = 0
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


class AnswerWriters:
    """Writes answers, in file order; the table is begun when the first one comes."""

    def __init__(
        self,
        begin: Callable[[], StagedPartition],
        table: Table,
        keys: Callable[[pa.Table], Step],
        units: UnitIndex,
        buckets: int,
    ) -> None:
        """`begin` stages the partition; a bucket holds the answers about its units and their objects."""
        self._begin, self._table, self._units, self._buckets = begin, table, units, buckets
        self.keys = keys
        self.staged: StagedPartition | None = None
        self._writers: BucketWriters | None = None

    def write(self, rows: pa.Table) -> None:
        """Add rows; none begin nothing."""
        if not len(rows):
            return
        if self._writers is None:
            self.staged = self._begin()
            self._writers = BucketWriters(self.staged, self._table, self._units, self._buckets)
        self._writers.write(rows)

    def close(self) -> None:
        """Finish the file, if there is one."""
        if self._writers is not None:
            self._writers.close()


@dataclass(slots=True)
class Intake:
    """Where resolved rows go, in file order."""

    keys: Callable[[pa.Table], Step]
    writers: BucketWriters
    answers: AnswerWriters
    rejects: RejectWriter
    constants: dict[str, str]
    """Text columns that say the same in every row."""
    alone: Array
    """bool[U]: units that are images by themselves."""
    counts: Counts = field(default_factory=Counts)

    def close(self) -> None:
        """Finish all files."""
        self.writers.close()
        self.answers.close()
        self.rejects.close()


class Prepared(NamedTuple):
    """A block after normalize and resolve: everything that needs no order among blocks."""

    rows: int
    """Records read, and rejected ones."""
    objects: Step
    answers: Step | None = None


def labelled(rows: pa.Table, constants: Mapping[str, str | None]) -> pa.Table:
    """`rows` with constant text columns."""
    for name, value in constants.items():
        rows = rows.append_column(name, constant(value, len(rows)))
    return rows


def answers_of(block: Block, names: Names) -> Step | None:
    """The answers of a block with their keys; None where it holds none."""
    if block.answers is None or not len(block.answers):
        return None
    table = pa.Table.from_batches([block.answers])
    return resolve_answers(table, names.units, names.unit_names, names.categories)


def prepare(block: Block, names: Names) -> Prepared:
    """Rows with unit and category keys, and rejects of all three stages."""
    normalized = normalize_records(
        block.records, names.units, names.unit_names, names.predictions, names.reading.outside
    )
    resolved = resolve_rows(normalized.table, names.units, names.categories, names.by_name)
    rejects = pa.concat_tables([block.rejects, normalized.rejects, resolved.rejects])
    return Prepared(block.rows, Step(resolved.table, rejects), answers_of(block, names))


def given_of(rows: pa.Table, alone: Array) -> dict[str, int]:
    """Rows per shape their source gave, per task beside objects, and of tracks: default protocols follow from it.

    `alone` bool[U] marks images by themselves, on which nothing is followed.
    """
    found: Counter[str] = Counter()
    if "task" in rows.column_names:
        found.update(word for word in rows["task"].to_pylist() if word)
        rows = rows.filter(pc.is_null(rows["task"]))
    there = set(rows.column_names)
    if "group_of" in there:
        found["group_of"] = int(numbers(rows["group_of"], missing=False).sum())
    found.update(
        {shape.name: int(shape.given(rows).sum()) for shape in SHAPES.values() if there.issuperset(shape.needs)}
    )
    if "track_id" in there:
        followed = rows.filter(rows["track_id"].is_valid())
        found["tracks"] = int((~alone[numbers(followed["unit_position"])]).sum())
    return dict(found)


def deliver(intake: Intake, block: Prepared) -> None:
    """Key the rows of the next block and write them."""
    keyed = intake.keys(block.objects.table)
    tables, rejects = [keyed.table], [block.objects.rejects, keyed.rejects]
    intake.writers.write(labelled(keyed.table, intake.constants))
    if block.answers is not None:
        answered = intake.answers.keys(block.answers.table)
        intake.answers.write(labelled(answered.table, intake.constants))
        tables.append(answered.table)
        rejects += [block.answers.rejects, answered.rejects]
        intake.counts.given["answers"] += len(answered.table)
    for refused in rejects:
        intake.rejects.write(refused)
    counts, accepted = intake.counts, sum(map(len, tables))
    check_books(block.rows, accepted, sum(map(len, rejects)))
    counts.rows += block.rows
    counts.accepted += accepted
    counts.rejected += block.rows - accepted
    counts.given.update(given_of(keyed.table, intake.alone))
    if LEAVES_IMAGE in keyed.table.column_names:
        counts.leaving += int(numbers(keyed.table[LEAVES_IMAGE], missing=False).sum())


def take_in(intake: Intake, blocks: Iterable[Block], names: Names, run: Run) -> None:
    """Drive blocks through normalize and resolve on `run`, then, in file order, key and write them.

    Two imports may be under way side by side: their labels tell them apart.
    """
    label = "import predictions" if names.predictions else "import ground truth"
    for prepared in run(partial(prepare, names=names), blocks, label=label):
        deliver(intake, prepared)
