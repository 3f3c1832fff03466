"""Intake: blocks of a file become keyed rows in their buckets; what is refused on the way is written down."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pyarrow as pa

from schemas.records import Block, Run
from schemas.tables import Table
from tasks.columns import constant, numbers
from tasks.normalize import Step, normalize_records
from tasks.resolve import resolve_rows
from tasks.storage import PartWriter, StagedPartition
from tasks.units import CategoryIndex, UnitIndex


@dataclass(frozen=True, slots=True)
class Names:
    """What the words of a file are looked up in."""

    units: UnitIndex
    categories: CategoryIndex
    predictions: bool


@dataclass(slots=True)
class Counts:
    """Rows in = accepted + rejected; `given` counts accepted rows per shape their source gave."""

    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    given: dict[str, int] = field(default_factory=dict)


def prepare(block: Block, names: Names) -> tuple[int, Step]:
    """(rows read, rows with unit and category keys and rejects): everything that needs no order among blocks."""
    normalized = normalize_records(block.records, names.units, names.predictions)
    resolved = resolve_rows(normalized.table, names.units, names.categories)
    return block.rows, Step(resolved.table, pa.concat_tables([block.rejects, normalized.rejects, resolved.rejects]))


class RejectWriter:
    """Writes rejects of one run as they come."""

    def __init__(self, staged: StagedPartition, run_id: str, prediction_set: str | None) -> None:
        self._writer = staged.writer(0)
        self._run_id, self._prediction_set = run_id, prediction_set
        self.reasons: dict[str, int] = {}

    def write(self, rejects: pa.Table) -> None:
        """Add rows; an empty table adds none."""
        if not len(rejects):
            return
        for code in rejects["reason_code"].to_pylist():
            self.reasons[code] = self.reasons.get(code, 0) + 1
        labelled = rejects.append_column("run_id", constant(self._run_id, len(rejects)))
        labelled = labelled.append_column("prediction_set", constant(self._prediction_set, len(rejects)))
        self._writer.write(labelled)

    def close(self) -> None:
        """Finish the file; without rejects it is empty but has its columns."""
        self._writer.close()


class BucketWriters:
    """Scatters rows over the parts of a table's buckets, in the order they come."""

    def __init__(self, staged: StagedPartition, table: Table, units: UnitIndex, buckets: int) -> None:
        self._writers: list[PartWriter] = [staged.writer(bucket) for bucket in range(buckets)]
        self._bucket = units.bucket(buckets).astype(np.uint16)
        self._columns = set(table.fields)

    def write(self, rows: pa.Table) -> None:
        """Each row goes to the bucket of its unit."""
        bucket = self._bucket[numbers(rows["unit_position"])]
        rows = rows.select([name for name in rows.column_names if name in self._columns])
        if len(self._writers) == 1:
            self._writers[0].write(rows)
            return
        order = np.argsort(bucket, kind="stable")
        starts = np.searchsorted(bucket[order], np.arange(len(self._writers) + 1))
        for k, writer in enumerate(self._writers):
            if starts[k] < starts[k + 1]:
                writer.write(rows.take(pa.array(order[starts[k] : starts[k + 1]])))

    def close(self) -> None:
        """Finish all files."""
        for writer in self._writers:
            writer.close()


def _given(rows: pa.Table) -> dict[str, int]:
    """Rows per geometry their source gave: default protocols follow from it."""
    counts = {"bounding_box": int(numbers(rows["bbox_given"], missing=False).sum())}
    for column, shape in (("mask", "bitmask"), ("keypoints_px", "skeleton")):
        counts[shape] = len(rows) - rows[column].null_count if column in rows.column_names else 0
    return counts


def take_in(
    blocks: Iterator[Block],
    names: Names,
    keys: Callable[[pa.Table], Step],
    writers: BucketWriters,
    rejects: RejectWriter,
    run: Run,
    constants: dict[str, str],
) -> Counts:
    """Drive blocks through normalize and resolve on `run`, then, in file order, key and write them."""
    counts = Counts()
    for rows, step in run(partial(prepare, names=names), blocks, label="import"):
        keyed = keys(step.table)
        table = keyed.table
        for name, value in constants.items():
            table = table.append_column(name, constant(value, len(table)))
        refused = len(step.rejects) + len(keyed.rejects)
        _check(rows, len(table), refused)
        writers.write(table)
        rejects.write(step.rejects)
        rejects.write(keyed.rejects)
        counts.rows, counts.accepted, counts.rejected = (
            counts.rows + rows, counts.accepted + len(table), counts.rejected + refused,
        )  # fmt: skip
        for shape, number in _given(table).items():
            counts.given[shape] = counts.given.get(shape, 0) + number
    return counts


def _check(rows: int, accepted: int, rejected: int) -> None:
    if rows != accepted + rejected:
        raise AssertionError(f"{rows} rows read, but {accepted} accepted and {rejected} rejected")


