"""A pickle of predictions as blocks, a part of the file at a time."""

from collections.abc import Iterator
from functools import partial

from schemas.records import Block, Run, Source
from tasks.confined import Confined
from tasks.confined.limits import Limits
from tasks.encord.pickles.records import Part, block_of
from tasks.encord.pickles.stream import PickleStream

MEMORY_BYTES = 2 << 30
"""Of the process that loads a file, beyond what it takes to start; a part is some 8,000 predictions without masks."""
_CPU_SECONDS, _MEGABYTES_A_SECOND = 120, 1
_PART_SECONDS = 300.0


def read_pickle(source: Source, run: Run) -> Iterator[Block]:
    """Blocks of a file, after a look at each of its opcodes. InputError where it holds anything but predictions."""
    stream = PickleStream(source)
    return run(partial(block_of, source=source), _parts(stream, source), label=f"read {source.name}")


def _parts(stream: PickleStream, source: Source) -> Iterator[Part]:
    """What the confined process makes of each part, while the next is written and the one before is worked on."""
    limits = Limits(MEMORY_BYTES, _CPU_SECONDS + (source.size >> 20) // _MEGABYTES_A_SECOND, _PART_SECONDS)
    row, under_way = 0, False
    with Confined("tasks.encord.pickles.child", limits, source.name) as process:
        for chunk in stream.chunks():
            loaded = process.receive() if under_way else None
            process.send(chunk)
            under_way = True
            if loaded is not None:
                yield Part(loaded, row)
                row += len(loaded)
        if under_way:
            yield Part(process.receive(), row)
