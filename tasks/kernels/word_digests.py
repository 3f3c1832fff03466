"""Digests of rows of 64-bit words, gathered by what the rows belong to."""

import numpy as np

from tasks.kernels.arrays import Int64, UInt64
from tasks.kernels.compile import kernel


@kernel
def fold_words(state: UInt64, words: UInt64, place: Int64) -> None:
    """Fold each row of `words`, uint64[W, n], in turn into the digest at its place in `state`, uint64[P].

    Every step can be undone, so that rows which differ in one word always differ; the end of a row is splitmix64's.
    The order of rows of a place counts. No rows change nothing.
    """
    for row in range(len(place)):
        value = state[place[row]] + np.uint64(0x9E3779B97F4A7C15)
        for column in range(words.shape[0]):
            value = (value ^ words[column, row]) * np.uint64(0x9FB21C651E98DF25)
            value ^= value >> np.uint64(28)
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state[place[row]] = value ^ (value >> np.uint64(31))
