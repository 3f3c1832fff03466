"""What the confined process does: load a part of a pickle, answer with its columns. See `tasks.confined`."""

import gc
from typing import IO

import pyarrow as pa

from tasks.encord.pickles.columns import raw_batch
from tasks.encord.pickles.raw import RAW
from tasks.encord.pickles.standins import Loader


def prepare() -> None:
    """Have Arrow load what it loads late, while files can still be opened."""
    raw_batch([])
    gc.disable()  # nothing that a `PickleStream` lets through can hold itself


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """One batch of RAW for each pickle that comes in, until there are no more."""
    loader = Loader(requests)
    with pa.ipc.new_stream(answers, RAW) as stream:
        while True:
            try:
                items = loader.load()
            except EOFError:
                return
            stream.write_batch(raw_batch(items))
            answers.flush()
