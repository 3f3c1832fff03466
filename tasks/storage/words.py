"""The texts of a column as Parquet's dictionary encoding has them: distinct words in order, and runs of their numbers.

Nothing tells of the batches that rows came in: words that no row says are left out.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.kernels.parquet_encodings import hybrid, narrow_hybrid, renumbered, seen
from tasks.storage.leaves import Array
from tasks.storage.level_runs import one_run

_SHORTEST_RUN = 8
_NARROW_BITS = 8


def width_of(words: pa.Array) -> int:
    """Bits of the number of a word."""
    return max(1, (len(words) - 1).bit_length())


def codes_of(values: Sequence[pa.Array]) -> tuple[pa.Array, bytes | memoryview]:
    """(the distinct texts in order, runs of their numbers) of stretches of rows without nulls. No rows: no words."""
    only = _only_word(values)
    if only is not None:
        return only, one_run(0, sum(map(len, values)))
    parts = [_coded(part) for part in values]
    said = [seen(part.indices.to_numpy(), len(part.dictionary)) for part in parts]
    words, places = _numbered([part.dictionary.filter(pa.array(of)) for part, of in zip(parts, said, strict=True)])
    width = width_of(words)
    codes: Array = np.empty(sum(map(len, parts)), np.uint8 if width <= _NARROW_BITS else np.int32)
    start = first = 0
    for part, of in zip(parts, said, strict=True):
        numbers, n_said = np.zeros(len(of), codes.dtype), int(of.sum())
        numbers[of] = places[first : first + n_said]
        renumbered(part.indices.to_numpy(), numbers, codes[start:])
        start, first = start + len(part), first + n_said
    return words, (narrow_hybrid(codes, width) if width <= _NARROW_BITS else hybrid(codes, width)).data


def _only_word(values: Sequence[pa.Array]) -> pa.Array | None:
    """The word that all rows say, where the dictionaries know no other: the rows need not be looked at.

    None of so few rows that they are no run by themselves: `hybrid` packs them.
    """
    if sum(map(len, values)) < _SHORTEST_RUN or not all(pa.types.is_dictionary(part.type) for part in values):
        return None
    words = [part.dictionary for part in values if len(part)]
    only = words[0]
    return only if len(only) == 1 and not only.null_count and all(each.equals(only) for each in words) else None


def _coded(part: pa.Array) -> pa.DictionaryArray:
    """Text as codes of a dictionary without nulls."""
    if pa.types.is_dictionary(part.type) and part.dictionary.null_count:
        part = part.cast(pa.string())
    return part if pa.types.is_dictionary(part.type) else part.dictionary_encode()


def _numbered(words: Sequence[pa.Array]) -> tuple[pa.Array, Array]:
    """(distinct words in the order of their bytes, int64: where each of all words stands among them)."""
    coded = pa.concat_arrays([*words, pa.array([], pa.string())]).dictionary_encode()
    order = pc.sort_indices(coded.dictionary)
    place = np.empty(len(order), np.int64)
    place[order.to_numpy()] = np.arange(len(order))
    return coded.dictionary.take(order), place[coded.indices.to_numpy()]
