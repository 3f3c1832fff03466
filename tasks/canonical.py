"""Keys of content: by them ties fall in the same way whatever the order of the rows."""

import numpy as np
import pyarrow as pa

from schemas.records import Array
from tasks.columns import bytes_parts, dictionary, numbers, one_chunk, struct_matrix
from tasks.kernels.digests import digest_bytes
from tasks.units import mix


def _words(column: pa.Array) -> list[Array]:
    """64-bit words of a column, one array each: the numbers themselves, digests of what varies in length."""
    if pa.types.is_struct(column.type):
        return [word for k in range(column.type.num_fields) for word in _words(column.field(k))]
    if pa.types.is_binary(column.type):
        return [digest_bytes(*bytes_parts(column))]
    if pa.types.is_list(column.type):
        return [_list_digests(column)]
    if pa.types.is_boolean(column.type):
        return [numbers(column, missing=False).astype(np.uint64)]
    if pa.types.is_string(column.type) or pa.types.is_dictionary(column.type):
        encoded = dictionary(column)
        texts = digest_bytes(*bytes_parts(encoded.dictionary.cast(pa.binary())))
        return [np.append(texts, np.uint64(0))[numbers(encoded.indices, missing=-1)]]
    return [np.ascontiguousarray(numbers(column, missing=0)).astype(np.float64)]


def _list_digests(column: pa.Array) -> Array:
    """uint64[n]: digests of the points in each row, and of whether they are seen, however deeply they are nested."""
    offsets, values = column.offsets.to_numpy().astype(np.int64), column.values
    while pa.types.is_list(values.type):
        offsets, values = values.offsets.to_numpy().astype(np.int64)[offsets], values.values
    names = [name for name in ("x", "y", "visibility") if values.type.get_field_index(name) >= 0]
    points = struct_matrix(values, names)
    return digest_bytes(points.view(np.uint8).ravel(), offsets * points.itemsize * len(names))


def content_keys(table: pa.Table, columns: tuple[str, ...]) -> Array:
    """int64[n]: equal for rows whose `columns` hold the same, and otherwise, but for chance, different."""
    words = [word for name in columns for word in _words(one_chunk(table[name]))]
    return (mix(words, len(table)) >> np.uint64(1)).astype(np.int64)
