"""Pairs of a detection and an annotation of the same unit, in CSR form: which may meet, which are alike enough."""

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from tasks.kernels.arrays import Float64, Int32, Int64
from tasks.kernels.compile import kernel

N = TypeVar("N", bound=np.generic)


class Candidates(NamedTuple):
    """Detection d (in sorted order) may meet annotation[indptr[d]:indptr[d+1]], ascending."""

    indptr: Int64
    """int64[D+1]"""
    annotation: Int32
    """int32[N]"""


class Pairs(NamedTuple):
    """Candidates with how alike the two are."""

    indptr: Int64
    """int64[D+1]"""
    annotation: Int32
    """int32[N], ascending within a detection"""
    similarity: Float64
    """float64[N]"""


@kernel
def grow(array: NDArray[N], used: int, needed: int) -> NDArray[N]:
    """The first `used` elements in an array of at least `needed`; twice as long, so that growing stays linear."""
    larger = np.empty(max(2 * len(array), needed), array.dtype)
    larger[:used] = array[:used]
    return larger


@kernel
def keep_above(indptr: Int64, annotation: Int32, similarity: Float64, floor: float) -> Pairs:
    """The pairs with similarity >= floor, in their order. No pairs: none."""
    kept = np.zeros(len(indptr), np.int64)
    n_kept = 0
    for value in similarity:
        n_kept += value >= floor
    annotations, similarities = np.empty(n_kept, np.int32), np.empty(n_kept, np.float64)
    n = 0
    for d in range(len(indptr) - 1):
        for pair in range(indptr[d], indptr[d + 1]):
            if similarity[pair] >= floor:
                annotations[n], similarities[n] = annotation[pair], similarity[pair]
                n += 1
        kept[d + 1] = n
    return Pairs(kept, annotations, similarities)


@kernel
def similarities(indptr: Int64, annotation: Int32, similarity: Float64, rows: Int64, partner: Int32) -> Float64:
    """float64[n] of the pairs (rows[i], partner[i]); NaN where there is no such pair. No rows: none."""
    found = np.full(len(rows), np.nan)
    for i in range(len(rows)):
        for pair in range(indptr[rows[i]], indptr[rows[i] + 1]):
            if annotation[pair] == partner[i]:
                found[i] = similarity[pair]
                break
    return found
