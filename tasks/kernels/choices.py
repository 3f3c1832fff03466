"""Detections choose their annotations, one after another, in every area range and at every threshold at once."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int32, UInt8, UInt64
from tasks.kernels.cells import Cells, cells_inside
from tasks.kernels.compile import kernel
from tasks.kernels.json_bytes import pointer, trailing_zeros
from tasks.kernels.pairs import Pairs


class State(NamedTuple):
    """What is matched so far; C = A x T cells, in the order of their bits."""

    counting: UInt64
    """uint64[G, W]: cells in which the annotation counts; in the others it is ignored."""
    taken: UInt64
    """uint64[G, W]: cells in which it is matched; crowds are free all the same."""
    gt_matched: Int32
    """int32[G, C]"""
    matched: Int32
    """int32[N, C]"""
    true_positive: Bool
    """bool[N, C]"""
    counted: Bool
    """bool[N, C]"""


class Scratch(NamedTuple):
    """Room for one detection."""

    annotation: Int32
    """The annotations it may match, the most alike first, of equals the later."""
    similarity: Float64
    left: UInt64
    """uint64[W]: cells in which it has not chosen yet."""


class _At(NamedTuple):
    """Pointers into all that a choice looks at, row after row: a detection's choice is worth some hundred nanoseconds,
    and an array as an argument costs its reference count in atomic operations.
    """

    pair_annotation: Int32
    pair_similarity: Float64
    gt_category: Int32
    crowd: UInt8
    """Pointers to bool neither load nor store."""
    limits: Float64
    reached: UInt64
    counting: UInt64
    taken: UInt64
    gt_matched: Int32
    matched: Int32
    true_positive: UInt8
    counted: UInt8
    near_annotation: Int32
    near_similarity: Float64
    left: UInt64
    n_words: int
    n_cells: int
    n_limits: int


@kernel
def _find_near(first: int, stop: int, category: int, at: _At) -> int:
    """Note which annotations of the pairs first:stop are of the class, and near enough for some threshold; how many."""
    n, lowest = 0, at.limits[0]
    for pair in range(first, stop):
        g, similarity = at.pair_annotation[pair], at.pair_similarity[pair]
        if similarity >= lowest and at.gt_category[g] == category:
            i = n
            while i > 0 and at.near_similarity[i - 1] <= similarity:
                at.near_annotation[i], at.near_similarity[i] = at.near_annotation[i - 1], at.near_similarity[i - 1]
                i -= 1
            at.near_annotation[i], at.near_similarity[i] = g, similarity
            n += 1
    return n


@kernel
def _begin_row(row: int, outside: int, n_ranges: int, at: _At) -> None:
    """Nothing matched yet: false in the ranges its area lies in, ignored in the others."""
    n_thresholds = at.n_cells // n_ranges
    for a in range(n_ranges):
        inside = not (outside >> np.uint64(a)) & np.uint64(1)
        begin = row * at.n_cells + a * n_thresholds
        for cell in range(begin, begin + n_thresholds):
            at.matched[cell], at.true_positive[cell], at.counted[cell] = -1, False, inside


@kernel
def _take(d: int, row: int, g: int, word: int, bits: np.uint64, counts: bool, at: _At) -> None:
    """Detection d takes annotation g in the cells `bits` of a word."""
    at.taken[g * at.n_words + word] |= bits
    of_row, of_annotation = row * at.n_cells + 64 * word, g * at.n_cells + 64 * word
    while bits:
        c = trailing_zeros(bits)
        at.gt_matched[of_annotation + c] = d
        at.matched[of_row + c] = g
        at.true_positive[of_row + c] = counts
        at.counted[of_row + c] = counts
        bits &= bits - np.uint64(1)


@kernel
def _free(g: int, word: int, counts: bool, at: _At) -> np.uint64:
    """The cells of a word in which annotation g counts (or is ignored) and may still be matched."""
    counting = at.counting[g * at.n_words + word]
    cells = counting if counts else ~counting
    return cells if at.crowd[g] != 0 else cells & ~at.taken[g * at.n_words + word]


@kernel
def _choose_among(d: int, row: int, n: int, counts: bool, at: _At) -> bool:
    """Let detection d choose in the cells that are left, among annotations that count, or are ignored.

    The most alike takes all cells that it is near enough for and free in, the next what is left. Whether any did.
    """
    found = False
    for i in range(n):
        g, level = at.near_annotation[i], 0
        for t in range(at.n_limits):
            level += at.near_similarity[i] >= at.limits[t]
        for word in range(at.n_words):
            bits = at.reached[level * at.n_words + word] & at.left[word] & _free(g, word, counts, at)
            if bits:
                at.left[word] &= ~bits
                _take(d, row, g, word, bits, counts, at)
                found = True
    return found


@kernel
def empty_state(n_rows: int, outside: UInt64, cells: Cells) -> State:
    """Room for `n_rows` detections, and annotations that do not count in the ranges of `outside` uint64[G]."""
    counting = cells_inside(outside, cells)
    n_cells = len(cells.ranges) * len(cells.limits)
    return State(
        counting,
        np.zeros_like(counting),
        np.full((len(outside), n_cells), np.int32(-1)),
        np.empty((n_rows, n_cells), np.int32),
        np.empty((n_rows, n_cells), np.bool_),
        np.empty((n_rows, n_cells), np.bool_),
    )


@kernel
def choose_all(
    pairs: Pairs,
    dt_category: Int32,
    outside: UInt64,
    gt_category: Int32,
    crowd: Bool,
    may_match: Bool,
    cells: Cells,
    state: State,
    scratch: Scratch,
    rows: Int32,
) -> int:
    """Let every detection of `may_match` bool[D] choose, in order; note those that did in `rows`, return how many did.

    In every cell, an ignored annotation only where no other will do. `outside` is uint64[D]. The arrays are the
    caller's: they outlive the pointers.
    """
    true_positive, counted = state.true_positive.view(np.uint8), state.counted.view(np.uint8)
    at = _At(
        pointer(pairs.annotation), pointer(pairs.similarity), pointer(gt_category),
        pointer(crowd.view(np.uint8)), pointer(cells.limits), pointer(cells.reached), pointer(state.counting),
        pointer(state.taken), pointer(state.gt_matched), pointer(state.matched), pointer(true_positive),
        pointer(counted), pointer(scratch.annotation), pointer(scratch.similarity), pointer(scratch.left),
        cells.ranges.shape[1], state.gt_matched.shape[1], len(cells.limits),
    )  # fmt: skip
    n = 0
    for d in range(len(may_match)):
        if not may_match[d]:
            continue
        n_near = _find_near(pairs.indptr[d], pairs.indptr[d + 1], dt_category[d], at)
        _begin_row(n, outside[d], len(cells.ranges), at)
        for word in range(at.n_words):
            at.left[word] = ~np.uint64(0)
        found = _choose_among(d, n, n_near, True, at)
        if _choose_among(d, n, n_near, False, at) or found:
            rows[n] = d
            n += 1
    return n
