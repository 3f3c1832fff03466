"""Several files of one set, read one after the other: one that is refused does not keep the others out."""

from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa

from schemas.errors import InputError
from schemas.records import Block, Source
from schemas.rejects import Reason, Stage
from schemas.tables import RECORDS
from tasks.rejects import rejects_table

WHOLE_BYTES = 64 << 20
"""Files up to this size are read to their end before anything of them is taken."""


def read_file_by_file(sources: Sequence[Source], read: Callable[[Source], Iterator[Block]]) -> Iterator[Block]:
    """Blocks of all files, in order. A file that is refused raises InputError; one of several is one reject instead.

    Of several, one above WHOLE_BYTES that turns out bad after some of it was taken raises InputError all the same.
    """
    for source in sources:
        yield from read(source) if len(sources) == 1 else _one_of_many(source, read)


def _one_of_many(source: Source, read: Callable[[Source], Iterator[Block]]) -> Iterator[Block]:
    try:
        blocks = read(source)
        return iter(list(blocks)) if source.size <= WHOLE_BYTES else blocks
    except InputError as why:
        return iter([_refused(source, why)])


def _refused(source: Source, why: InputError) -> Block:
    reason = f"{why.where}: {why.message}"
    rejects = rejects_table(Stage.INGEST, [source.name], [None], [Reason.BROKEN_FILE], [reason], [""])
    return Block(1, pa.RecordBatch.from_pylist([], schema=RECORDS.schema), rejects)
