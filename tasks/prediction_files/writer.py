"""The writer for people's own prediction loops."""

import os
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.prediction_file import PREDICTION_FILE
from schemas.predictions import Prediction
from tasks.prediction_files.rows import Row, row_of
from tasks.storage.whole_file import WholeFile

GROUP_ROWS = 32_768
GROUP_BYTES = 32 << 20
"""Of masks and points; whichever is reached first ends a row group, so that memory is bounded by one."""
_ROW_BYTES = 200


class PredictionWriter:
    """Takes predictions one by one and leaves a Parquet file that `boxscore import predictions` reads.

    A context manager: the file is there, whole, when the block ends well, and not at all otherwise. Each prediction is
    checked as it is written. One thread at a time. Memory is bounded by a row group, about 32,768 boxes.

        with PredictionWriter("predictions.parquet") as writer:
            writer.write(prediction)
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Begin a file that will be called `path`, in place of one that is there. StoreError where it cannot be."""
        self._file = WholeFile(Path(path))
        self._parquet = pq.ParquetWriter(self._file, PREDICTION_FILE, compression="zstd")
        self._rows: list[Row] = []
        self._bytes = 0
        self._closed = False

    def write(self, prediction: Prediction) -> None:
        """Check and take a prediction. ValueError names the field, the value and what is allowed: it is not taken."""
        if self._closed:
            raise ValueError("the writer is closed")
        if not isinstance(prediction, Prediction):
            raise ValueError(f"{type(prediction).__name__} is written; a Prediction is needed")
        prediction.validate()
        row = row_of(prediction)
        self._rows.append(row)
        self._bytes += _size(row)
        if len(self._rows) >= GROUP_ROWS or self._bytes >= GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """Write what is left, and give the file its name. Again: nothing happens."""
        if self._closed:
            return
        self._closed = True
        try:
            self._flush()
            self._parquet.close()
            self._file.keep()
        except BaseException:
            self._abandon()
            raise

    def __enter__(self) -> "PredictionWriter":
        """The writer itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; after an error, leave nothing."""
        if kind is None:
            self.close()
        elif not self._closed:
            self._closed = True
            self._abandon()

    def _flush(self) -> None:
        if not self._rows:
            return
        columns = [pa.array([row.get(field.name) for row in self._rows], field.type) for field in PREDICTION_FILE]
        group = pa.table(columns, schema=PREDICTION_FILE)
        self._parquet.write_table(group, row_group_size=len(group))
        self._rows, self._bytes = [], 0

    def _abandon(self) -> None:
        self._parquet.is_open = False  # closing it would write a footer to a file nobody wants
        self._file.abandon()


def _size(row: Row) -> int:
    """About how many bytes a row takes in memory."""
    mask, points = row.get("mask"), row.get("polyline") or row.get("keypoints") or (row.get("polygons") or [[[]]])[0][0]
    return _ROW_BYTES + (len(mask["counts"]) if mask else 0) + _ROW_BYTES * len(points)
