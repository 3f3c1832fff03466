"""JSON text of a file as the kernels want it: read to where NUL bytes follow it, instead of copied there."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.records import Source
from tasks.columns import only_read
from tasks.kernels.json_bytes import PADDING


class JsonText(NamedTuple):
    """Bytes of a file."""

    padded: npt.NDArray[np.uint8]
    """u8[size + PADDING], not to be written to: the bytes and the NULs after them."""
    text: memoryview
    """The bytes alone."""


def json_text(source: Source, start: int, stop: int, space: npt.NDArray[np.uint8] | None = None) -> JsonText:
    """Bytes `start` to `stop` of `source`, which has so many. InputError where the file shrank.

    Args:
        source: the file.
        start: first byte.
        stop: byte after the last.
        space: u8[stop - start + PADDING or more], which is written to; new where it is None.
    """
    size = stop - start
    room = (np.empty(size + PADDING, np.uint8) if space is None else space)[: size + PADDING]
    source.read_into(room.data[:size], start)
    room[size:] = 0
    padded = only_read(room)
    return JsonText(padded, padded.data[:size])
