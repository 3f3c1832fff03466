"""What the confined process does with a Parquet file of tags: answers once, with the columns that were asked for."""

import io
from typing import IO

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

KEYS = ("data_hash", "frame")
_PLAIN = (
    (pa.types.is_boolean, pa.bool_()),
    (pa.types.is_string, pa.string()),
    (pa.types.is_large_string, pa.string()),
    (pa.types.is_string_view, pa.string()),
    (pa.types.is_integer, pa.int64()),
    (pa.types.is_floating, pa.float64()),
    (pa.types.is_null, pa.string()),
)


class RefusedError(Exception):
    """No file of tags."""


def prepare() -> None:
    """Have Arrow load what it loads late, while files can still be opened."""
    sink = io.BytesIO()
    pq.write_table(pa.table({"data_hash": ["a"]}), sink)
    _columns(sink.getvalue(), ["data_hash"])


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Take the columns that are wanted and the file's bytes, both after their length in 8 bytes."""
    wanted, content = (requests.read(int.from_bytes(requests.read(8), "little")) for _ in range(2))
    table = _columns(content, orjson.loads(wanted)).combine_chunks()
    with pa.ipc.new_stream(answers, table.schema) as stream:
        stream.write_batch((table.to_batches() or [_nothing(table.schema)])[0])


def _nothing(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([], field.type) for field in schema], schema=schema)


def _columns(content: bytes, wanted: list[str]) -> pa.Table:
    """The keys, and the wanted columns that are there, in plain types."""
    file = pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True)
    names = file.schema_arrow.names
    if len(set(names)) < len(names):
        raise RefusedError("two columns have one name")
    if KEYS[0] not in names:
        raise RefusedError(f"column {KEYS[0]!r} is missing; it says which data unit a row is about")
    chosen = [name for name in names if name in {*KEYS, *wanted}]
    kinds = [pa.field(name, _plain(name, file.schema_arrow.field(name).type)) for name in chosen]
    table = file.read(chosen, use_threads=False).select(chosen)
    try:
        return table.cast(pa.schema(kinds))
    except pa.ArrowInvalid as error:
        raise RefusedError(str(error)[:200]) from error


def _plain(name: str, kind: pa.DataType) -> pa.DataType:
    """The type a column is handed over in; RefusedError where it has none."""
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    expected = {KEYS[0]: pa.string(), KEYS[1]: pa.int64()}.get(name)
    for fits, plain in _PLAIN:
        if fits(value) and expected in {None, plain}:
            return plain
    if expected is None and (pa.types.is_list(value) or pa.types.is_large_list(value)):
        inner = value.value_type
        if not (pa.types.is_list(inner) or pa.types.is_large_list(inner)):
            return pa.list_(_plain(name, inner))
    wanted = expected or "text, numbers, true or false, or lists of these"
    raise RefusedError(f"column {name!r} is {str(kind)[:200]}; {wanted} is needed")
