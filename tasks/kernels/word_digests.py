"""Digests of rows of 64-bit words, gathered by what the rows belong to, and of byte strings taken as such words."""

import numpy as np

from tasks.kernels.arrays import Int64, UInt8, UInt64
from tasks.kernels.compile import kernel
from tasks.kernels.json_bytes import pointer, word

_WORD_BYTES = 8


@kernel
def fold_words(state: UInt64, words: UInt64, place: Int64) -> None:
    """Fold each row of `words`, uint64[W, n], in turn into the digest at its place in `state`, uint64[P].

    Every step can be undone, so that rows which differ in one word always differ. The order of rows of a place counts.
    No rows change nothing.
    """
    for row in range(len(place)):
        value = _begun(state[place[row]])
        for column in range(words.shape[0]):
            value = _folded(value, words[column, row])
        state[place[row]] = _ended(value)


@kernel
def digest_strings(data: UInt8, offsets: Int64) -> UInt64:
    """uint64[n]: of the length of data[offsets[k]:offsets[k + 1]] and its bytes, eight at a time. No strings: none."""
    digests, text = np.empty(len(offsets) - 1, np.uint64), pointer(data)
    for k in range(len(digests)):
        place, stop = offsets[k], offsets[k + 1]
        value = _folded(_begun(np.uint64(0)), np.uint64(stop - place))  # mixed before a word can undo it
        while place + _WORD_BYTES <= stop:
            value = _folded(value, word(text, place))
            place += _WORD_BYTES
        rest = np.uint64(0)
        for at in range(stop - 1, place - 1, -1):
            rest = rest << np.uint64(8) | np.uint64(data[at])
        digests[k] = _ended(_folded(value, rest))
    return digests


@kernel
def _begun(value: np.uint64) -> np.uint64:
    return value + np.uint64(0x9E3779B97F4A7C15)


@kernel
def _folded(value: np.uint64, word: np.uint64) -> np.uint64:
    """Multiply twice: after once, a difference in the highest bits is where the next word could take it back."""
    value = (value ^ word) * np.uint64(0x9FB21C651E98DF25)
    return (value << np.uint64(31) | value >> np.uint64(33)) * np.uint64(0xD6E8FEB86659FD93)


@kernel
def _ended(value: np.uint64) -> np.uint64:
    """Mix as splitmix64 does."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
