"""Files of label rows, block by block: rows are grouped, groups are read side by side, blocks come in file order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np
import pyarrow as pa

from schemas.errors import InputError
from schemas.records import Block, Run, Source
from schemas.rejects import Reason, Stage
from tasks.encord.label_row import Terms, read_label_row
from tasks.encord.row_json import Row, read_row
from tasks.encord.row_texts import RowText, row_texts
from tasks.encord.taken import Taken
from tasks.rejects import rejects_table

T = TypeVar("T")

GROUP_BYTES = 4 << 20
"""Of text: some thousand objects. A larger row is a group by itself."""


def groups(rows: Iterable[RowText], size: int = GROUP_BYTES) -> Iterator[list[RowText]]:
    """Rows in groups of at least `size` bytes, in order; the last may be smaller."""
    group: list[RowText] = []
    held = 0
    for row in rows:
        group.append(row)
        held += len(row.text)
        if held >= size:
            yield group
            group, held = [], 0
    if group:
        yield group


def each_row(source: Source, work: Callable[[Row], T], run: Run) -> Iterator[T]:
    """What `work` makes of every row, in file order. InputError where the file is damaged."""

    def of_group(group: list[RowText]) -> list[T]:
        return [work(read_row(source.name, row)) for row in group]

    for results in run(of_group, groups(row_texts(source)), label=f"read {source.name}"):
        yield from results


def read_blocks(source: Source, terms: Terms, run: Run) -> Iterator[Block]:
    """The records, answers and rejects of one file. InputError where it is damaged, once what is before it was given.

    A file without rows gives no block.
    """

    def of_group(group: list[RowText]) -> tuple[int, list[Block]]:
        taken = Taken(source.name)
        for row in group:
            read_label_row(read_row(source.name, row), terms, taken)
        return taken.rows, taken.blocks()

    before = 0
    for rows, blocks in run(of_group, groups(row_texts(source)), label=f"read {source.name}"):
        for block in blocks:
            yield _moved(block, before)
        before += rows


def _moved(block: Block, rows: int) -> Block:
    """The block with `rows` added to every `source_row`."""
    assert block.answers is not None, "blocks of label rows have answers"
    records, answers = (_batch_moved(batch, rows) for batch in (block.records, block.answers))
    rejects = pa.Table.from_batches([_batch_moved(batch, rows) for batch in block.rejects.to_batches()],
                                    block.rejects.schema)  # fmt: skip
    return Block(block.rows, records, rejects, answers)


def _batch_moved(batch: pa.RecordBatch, rows: int) -> pa.RecordBatch:
    if rows == 0 or not len(batch):
        return batch
    at = batch.schema.get_field_index("source_row")
    moved = pa.array(batch.column(at).to_numpy().astype(np.int64) + rows)
    return batch.set_column(at, batch.schema.field(at), moved)


def sound_files(sources: Sequence[Source], run: Run) -> tuple[list[Source], pa.Table]:
    """(files that can be read to their end, rejects of the others, one each). A file alone is not looked at.

    A damaged file alone is an InputError when it is read; of several, the others are taken.
    """
    if len(sources) == 1:
        return list(sources), broken_files([])
    good, faults = [], []
    for source in sources:
        try:
            for _ in each_row(source, lambda _row: None, run):
                pass
            good.append(source)
        except InputError as error:
            faults.append((source.name, error))
    return good, broken_files(faults)


def broken_files(faults: Sequence[tuple[str, InputError]]) -> pa.Table:
    """Rejects of files that are refused whole, with (name, error) of each."""
    count = len(faults)
    names, texts = [name for name, _ in faults], [str(error) for _, error in faults]
    return rejects_table(Stage.INGEST, names, [None] * count, [Reason.BROKEN_FILE] * count, texts, [""] * count)
