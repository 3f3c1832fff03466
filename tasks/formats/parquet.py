"""Parquet with a row for each prediction, as `boxscore.PredictionWriter` leaves it, or as others write the columns of
`schemas.prediction_file`.
"""

from collections.abc import Iterator, Sequence

from schemas.records import Block, Format, Inputs, Run
from tasks.file_by_file import read_file_by_file
from tasks.prediction_files.reader import read_prediction_file

_MAGIC = b"PAR1"


def recognise(names: Sequence[str], head: bytes) -> bool:
    """Whether the first file begins as Parquet does."""
    return head.startswith(_MAGIC)


def _read(inputs: Inputs, run: Run) -> Iterator[Block]:
    return read_file_by_file(inputs.sources, lambda source: read_prediction_file(source, run))


FORMAT = Format("parquet", "Predictions in Parquet", recognise, None, _read)
