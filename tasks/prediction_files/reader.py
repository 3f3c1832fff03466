"""A prediction file as blocks: decoded by a confined process, which is given the bytes it asks for."""

from collections.abc import Iterator
from functools import partial

import pyarrow as pa

from schemas.errors import InputError
from schemas.prediction_file import PREDICTION_FILE
from schemas.records import Block, Run, Source
from tasks.confined import Confined
from tasks.confined.limits import Limits
from tasks.prediction_files.records import Part, block_of

MEMORY_BYTES = 2 << 30
_CPU_SECONDS, _MEGABYTES_A_SECOND = 120, 1
_PART_SECONDS = 300.0
_LARGEST_READ = 512 << 20
_NEXT = b"+"


def read_prediction_file(source: Source, run: Run) -> Iterator[Block]:
    """Blocks of a file. InputError where it is no file of predictions, or is damaged."""
    return run(partial(block_of, source=source), _parts(source), label=f"read {source.name}")


def _parts(source: Source) -> Iterator[Part]:
    limits = Limits(MEMORY_BYTES, _CPU_SECONDS + (source.size >> 20) // _MEGABYTES_A_SECOND, _PART_SECONDS)
    row = 0
    with Confined("tasks.prediction_files.child", limits, source.name) as process:
        batch = process.ask(source.size.to_bytes(8, "little"))
        while len(batch):
            if batch.column("want_start").null_count == 0:
                batch = process.ask(_wanted(batch, source))
                continue
            yield Part(batch.select(PREDICTION_FILE.names), row)
            row += len(batch)
            batch = process.ask(_NEXT)


def _wanted(batch: pa.RecordBatch, source: Source) -> bytes:
    start, stop = batch.column("want_start")[0].as_py(), batch.column("want_stop")[0].as_py()
    if not 0 <= start < stop <= source.size or stop - start > _LARGEST_READ:
        message = f"a part of {stop - start} bytes; at most {_LARGEST_READ} are read at once"
        raise InputError(message, where=f"{source.name}, byte {start}")
    return source.read(start, stop)
