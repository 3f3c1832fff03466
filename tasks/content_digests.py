"""Digests of what rows hold: two that agree mean, but for a chance of 2^-64, the same values in the same order."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.records import Array
from tasks.columns import bytes_parts, numbers, one_chunk, only_read
from tasks.kernels.word_digests import digest_strings, fold_words

_NULL = np.uint64(0x6A09E667F3BCC909)
"""Stands for a value that is not there."""
_ROWS_AT_ONCE = 1 << 15
"""Rows whose words are in memory together, and stay in the second cache."""


def fold_rows(state: Array, place: Array, table: pa.Table, columns: Sequence[str]) -> None:
    """Fold `columns` of each row into the digest at its `place`, int64[n], in `state`, uint64[P].

    The order of the rows of one place counts, that of places does not. How Arrow holds the values makes no difference:
    chunks, dictionaries, masks of nulls.
    """
    start, coded = 0, {name: _words(_unified(table[name]))[0] for name in columns if _is_coded(table[name])}
    for batch in table.select(list(columns)).to_batches(max_chunksize=_ROWS_AT_ONCE):
        rows = slice(start, start + len(batch))
        parts = ([coded[name][rows]] if name in coded else _words(batch.column(name)) for name in columns)
        words = np.stack([word for part in parts for word in part])
        fold_words(state, only_read(words), only_read(place[rows]))
        start += len(batch)


def _is_coded(column: pa.ChunkedArray) -> bool:
    """Whether all rows share their texts, which are digested once then."""
    return bool(pa.types.is_dictionary(column.type)) and column.null_count < len(column)


def _unified(column: pa.ChunkedArray) -> pa.Array:
    return one_chunk(column.unify_dictionaries())


def _words(column: pa.Array) -> list[Array]:
    """uint64[n] each: as many for every column of a type, whatever it holds."""
    if pa.types.is_struct(column.type):
        return [word for child in column.flatten() for word in _words(child)]
    word = np.full(len(column), _NULL) if column.null_count == len(column) else _word(column)
    if 0 < column.null_count < len(column):
        word = np.where(numbers(column.is_valid()), word, _NULL)
    return [word]


def _word(column: pa.Array) -> Array:
    kind = column.type
    if pa.types.is_list(kind):
        return _list_digests(column)
    if pa.types.is_binary(kind) or pa.types.is_string(kind):
        return _string_digests(column)
    if pa.types.is_dictionary(kind):
        texts = _string_digests(column.dictionary)
        return np.append(texts, _NULL)[numbers(column.indices, missing=-1)]
    if pa.types.is_floating(kind):
        return numbers(column).astype(np.float64, copy=False).view(np.uint64)
    whole = column.cast(pa.int8()) if pa.types.is_boolean(kind) else column
    return numbers(whole, missing=0).astype(np.int64, copy=False).view(np.uint64)


def _string_digests(column: pa.Array) -> Array:
    data, offsets = bytes_parts(column.cast(pa.binary()))
    return digest_strings(only_read(data), offsets)


def _list_digests(column: pa.Array) -> Array:
    """uint64[n]: of the length and the values of each list, however deeply they are nested."""
    lengths = numbers(pc.list_value_length(column), missing=0).astype(np.int64)
    state, values = lengths.view(np.uint64).copy(), column.flatten()
    place = np.repeat(np.arange(len(lengths)), lengths)
    fold_rows(state, place, pa.table({"": values}), [""])
    return state
