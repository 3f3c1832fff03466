"""Encord Active's `predictions.pkl`: a pickled list of predictions of any of its generations, or of our own classes.

What such a file may hold is in `tasks.encord.pickles.names`; nothing of it is run.
"""

from collections.abc import Iterator, Sequence

from schemas.records import Block, Format, Inputs, Run
from tasks.encord.pickles.reader import read_pickle
from tasks.file_by_file import read_file_by_file

_ENDINGS = (".pkl", ".pickle")
_BEGINNINGS = (*(b"\x80" + bytes([protocol]) for protocol in range(2, 6)), b"(lp", b"(l.", b"]q\x00", b"].")
"""How a pickled list begins at protocols 2 to 5, 0, and 1."""


def recognise(names: Sequence[str], head: bytes) -> bool:
    """Whether the files are called as pickles are, or the first begins as one."""
    return all(name.lower().endswith(_ENDINGS) for name in names) or head.startswith(_BEGINNINGS)


def _read(inputs: Inputs, run: Run) -> Iterator[Block]:
    return read_file_by_file(inputs.sources, lambda source: read_pickle(source, run))


FORMAT = Format("encord-pickle", "Encord Active predictions (pickle)", recognise, None, _read)
