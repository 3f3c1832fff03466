"""What the confined process does with a Parquet file: asks for the bytes it needs, answers with its rows.

An answer is a batch of ANSWER: either one row that says which bytes are wanted next, or rows of the file, or no row
at the end.
"""

import io
from collections.abc import Iterator
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.prediction_file import NEEDED, PREDICTION_FILE

ROWS = 16_384
ANSWER = pa.schema([*PREDICTION_FILE, pa.field("want_start", pa.int64()), pa.field("want_stop", pa.int64())])


class RefusedError(Exception):
    """No file of predictions."""


class Asked(io.RawIOBase):
    """A file whose bytes are asked for as they are needed."""

    def __init__(self, size: int, requests: IO[bytes], answers: pa.ipc.RecordBatchStreamWriter) -> None:
        """Begin at its first byte."""
        self._size, self._requests, self._answers = size, requests, answers
        self._at = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a byte."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        """Where it is."""
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Ask for bytes, and wait for them."""
        stop = self._size if size < 0 else min(self._at + size, self._size)
        if stop <= self._at:
            return b""
        send(self._answers, {"want_start": [self._at], "want_stop": [stop]})
        found = self._requests.read(stop - self._at)
        self._at += len(found)
        return found


def send(answers: pa.ipc.RecordBatchStreamWriter, columns: dict[str, list[object] | pa.Array], rows: int = 1) -> None:
    """Answer with some columns of ANSWER, the others null."""
    arrays = [pa.array(columns[f.name], f.type) if f.name in columns else pa.nulls(rows, f.type) for f in ANSWER]
    answers.write_batch(pa.RecordBatch.from_arrays(arrays, schema=ANSWER))


def prepare() -> None:
    """Have Arrow load what it loads late, while files can still be opened."""
    sink = io.BytesIO()
    pq.write_table(PREDICTION_FILE.empty_table(), sink)
    for _ in _batches(sink):
        pass


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Read one file, whose size comes first in 8 bytes; each answer is followed by a request."""
    size = int.from_bytes(requests.read(8), "little")
    with pa.ipc.new_stream(_Flushed(answers), ANSWER) as stream:
        for batch in _batches(Asked(size, requests, stream)):
            if len(batch):
                send(stream, {name: batch.column(name) for name in batch.schema.names}, len(batch))
                requests.read(1)
        send(stream, {}, 0)


class _Flushed(io.RawIOBase):
    """What is written goes out at once."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # Arrow gives any buffer
        written = self._pipe.write(data)
        self._pipe.flush()
        return written


def _batches(file: io.RawIOBase | io.BytesIO) -> Iterator[pa.RecordBatch]:
    """The rows of the file, in the types of PREDICTION_FILE."""
    parquet = pq.ParquetFile(pa.PythonFile(file, "r"), pre_buffer=False, page_checksum_verification=True)
    schema = parquet.schema_arrow
    _check_columns(schema)
    wanted = pa.schema([PREDICTION_FILE.field(name) for name in schema.names])
    for batch in parquet.iter_batches(ROWS, use_threads=False):
        yield batch.cast(wanted)


def _check_columns(schema: pa.Schema) -> None:
    """RefusedError where a column is unknown, missing, there twice, or of a type that cannot be read."""
    names = schema.names
    if len(set(names)) < len(names):
        raise RefusedError("two columns have one name")
    unknown = sorted(set(names) - set(PREDICTION_FILE.names))
    if unknown:
        raise RefusedError(f"column {unknown[0][:100]!r} is unknown; known are {', '.join(PREDICTION_FILE.names)}")
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise RefusedError(f"column {missing[0]!r} is missing")
    empty = schema.empty_table()
    for name in names:
        if _is_text(schema.field(name).type) != _is_text(PREDICTION_FILE.field(name).type):
            raise RefusedError(_of_other_type(name, schema))
        try:
            empty.column(name).cast(PREDICTION_FILE.field(name).type)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise RefusedError(_of_other_type(name, schema)) from error


def _is_text(kind: pa.DataType) -> bool:
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.types.is_string(value) or pa.types.is_large_string(value) or pa.types.is_string_view(value)


def _of_other_type(name: str, schema: pa.Schema) -> str:
    return f"column {name!r} is {str(schema.field(name).type)[:200]}; {PREDICTION_FILE.field(name).type} is needed"
