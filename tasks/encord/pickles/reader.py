"""Pickled predictions of several files as blocks, a part of a file at a time."""

from collections.abc import Iterator
from functools import partial

import pyarrow as pa

from schemas.errors import InputError
from schemas.records import Block, Run, Source
from schemas.rejects import Reason, Stage
from schemas.tables import RECORDS
from tasks.confined import Confined
from tasks.confined.limits import Limits
from tasks.encord.pickles.records import Part, block_of
from tasks.encord.pickles.stream import PickleStream
from tasks.rejects import rejects_table

MEMORY_BYTES = 2 << 30
"""Of the process that loads a file, beyond what it takes to start; a part is some 8,000 predictions without masks."""
_CPU_SECONDS, _MEGABYTES_A_SECOND = 120, 1
_PART_SECONDS = 300.0
_WHOLE_BYTES = 64 << 20
"""Of several files, those up to this size are read to their end before anything of them is taken."""


def read_pickles(sources: list[Source], run: Run) -> Iterator[Block]:
    """Blocks of all files. A file that is refused raises InputError; where it is one of several, it is one reject."""
    for source in sources:
        if len(sources) == 1:
            yield from read_pickle(source, run)
        else:
            yield from _read_one_of_many(source, run)


def read_pickle(source: Source, run: Run) -> Iterator[Block]:
    """Blocks of a file, after a look at each of its opcodes. InputError where it holds anything but predictions."""
    stream = PickleStream(source)
    return run(partial(block_of, source=source), _parts(stream, source), label=f"read {source.name}")


def _read_one_of_many(source: Source, run: Run) -> Iterator[Block]:
    try:
        blocks = read_pickle(source, run)
        if source.size <= _WHOLE_BYTES:
            blocks = iter(list(blocks))
    except InputError as why:
        blocks = iter([_refused(source, why)])
    return blocks


def _refused(source: Source, why: InputError) -> Block:
    reason = f"{why.where}: {why.message}"
    rejects = rejects_table(Stage.INGEST, [source.name], [None], [Reason.BROKEN_FILE], [reason], [""])
    return Block(1, pa.RecordBatch.from_pylist([], schema=RECORDS.schema), rejects)


def _parts(stream: PickleStream, source: Source) -> Iterator[Part]:
    limits = Limits(MEMORY_BYTES, _CPU_SECONDS + (source.size >> 20) // _MEGABYTES_A_SECOND, _PART_SECONDS)
    row = 0
    with Confined("tasks.encord.pickles.child", limits, source.name) as process:
        for chunk in stream.chunks():
            raw = process.ask(chunk)
            yield Part(raw, row)
            row += len(raw)
