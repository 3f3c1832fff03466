"""What became of rows at every area range and threshold, and what a table keeps of it: lists of some ranges alone."""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Int32, Int64, UInt8, UInt64
from tasks.kernels.compile import kernel
from tasks.kernels.partners import Partners

MISS, TP, IGNORED = range(3)
"""Outcome codes, in the order of their words; MISS is FP for predictions and FN for annotations."""


class Lists(NamedTuple):
    """Lists of D rows as Arrow has them, and what their M entries are about."""

    there: UInt8
    """uint8[(D + 7) // 8]: a bit each, the first in the lowest; set where a row has an entry."""
    missing: int
    """Rows without one."""
    ends: Int32
    """int32[D+1]: row d has the items ends[d]:ends[d + 1]."""
    place: Int32
    """int32[M]: the row of `said` that an entry is about."""
    which: Int32
    """int32[M]: its column."""


class Said(NamedTuple):
    """What M entries say at T thresholds, one entry after another."""

    whom: Partners
    """M x T of them."""
    outcome: Int32
    """int32[M x T]"""


@kernel
def detection_outcomes(true_positive: Bool, counted: Bool) -> UInt8:
    """uint8[N, A, T] of what matched an annotation that counts, and of what counts itself. No rows: none."""
    outcome = np.empty(true_positive.shape, np.uint8)
    flat, true, counts = outcome.ravel(), true_positive.ravel(), counted.ravel()
    for i in range(len(flat)):
        flat[i] = TP if true[i] else MISS if counts[i] else IGNORED
    return outcome


@kernel
def annotation_outcomes(partner: Int32, ignored: UInt64) -> UInt8:
    """uint8[G, A, T]: `partner` of the same shape found each, -1 nobody; bit a of `ignored` uint64[G] is set where an
    annotation does not count in range a. No annotations: none.
    """
    outcome = np.empty(partner.shape, np.uint8)
    for g in range(len(partner)):
        for a in range(partner.shape[1]):
            counts = (ignored[g] >> np.uint64(a)) & np.uint64(1) == 0
            for t in range(partner.shape[2]):
                outcome[g, a, t] = (TP if partner[g, a, t] >= 0 else MISS) if counts else IGNORED
    return outcome


@kernel
def count_true(outcome: UInt8) -> Int64:
    """int64[A, T]: rows of uint8[n, A, T] that are TP."""
    count = np.zeros(outcome.shape[1:], np.int64)
    for i in range(len(outcome)):
        for a in range(outcome.shape[1]):
            for t in range(outcome.shape[2]):
                count[a, t] += outcome[i, a, t] == TP
    return count


@kernel
def _otherwise(a: int, partner: Int32, outcome: UInt8, outside: bool) -> bool:
    """Whether range a says otherwise than the first of one row: `partner` and `outcome` [A, T]."""
    for t in range(partner.shape[1]):
        if outcome[a, t] != (IGNORED if outside else outcome[0, t]):
            return True
        if partner[a, t] != partner[0, t] and outcome[a, t] != IGNORED:
            return True
    return False


@kernel
def worth_saying(partner: Int32, outcome: UInt8, outside: UInt64) -> tuple[Bool, Bool]:
    """(bool[N, 1]: rows with a partner in the first range; bool[N, A - 1]: where another range says otherwise).

    `partner` and `outcome` [N, A, T]; bit a of `outside` uint64[N] is set where a row lies outside range a: nothing
    but ignored is expected there. Whom an ignored row matched is no difference.
    """
    n, n_ranges, n_thresholds = partner.shape
    matched, otherwise = np.zeros((n, 1), np.bool_), np.empty((n, n_ranges - 1), np.bool_)
    for i in range(n):
        for t in range(n_thresholds):
            matched[i, 0] |= partner[i, 0, t] >= 0
        for a in range(1, n_ranges):
            beyond = (outside[i] >> np.uint64(a)) & np.uint64(1) != 0
            otherwise[i, a - 1] = _otherwise(a, partner[i], outcome[i], beyond)
    return matched, otherwise


@kernel
def lists_of(said: Bool, rows: Int32, count: int, items: int) -> Lists:
    """Lists of `count` rows with an entry of `items` items wherever `said` bool[n, R] is set; its n rows are those at
    `rows`, ascending. Nothing said: all rows are without.
    """
    n_entries = said.sum()
    place, which = np.empty(n_entries, np.int32), np.empty(n_entries, np.int32)
    there, ends = np.zeros((count + 7) // 8, np.uint8), np.empty(count + 1, np.int32)
    n, missing, begin = 0, count, 0
    for i in range(len(said)):
        before = n
        for r in range(said.shape[1]):
            if said[i, r]:
                place[n], which[n] = i, r
                n += 1
        if n > before:
            d = rows[i]
            ends[begin : d + 1] = before * items
            there[d >> 3] |= np.uint8(1 << (d & 7))
            missing, begin = missing - 1, d + 1
    ends[begin:] = n * items
    return Lists(there, missing, ends, place, which)


@kernel
def said_of(place: Int32, ranges: Int32, partner: Int32, outcome: UInt8, keys: Int64) -> Said:
    """Whom rows at `place` int32[M] matched in `ranges` int32[M], by their `keys`, and what became of them.

    `partner` and `outcome` [n, A, T]; a partner is a position in `keys`, or -1. They are looked up where they lie:
    gathering the positions for `partners` takes half as long again.
    """
    n_ranges, n_thresholds = partner.shape[1:]
    count, partners, outcomes = len(place) * n_thresholds, partner.ravel(), outcome.ravel()
    key, there, nobody = np.empty(count, np.int64), np.zeros((count + 7) // 8, np.uint8), 0
    codes = np.empty(count, np.int32)
    for i in range(len(place)):
        at, first = i * n_thresholds, (place[i] * n_ranges + ranges[i]) * n_thresholds
        codes[at : at + n_thresholds] = outcomes[first : first + n_thresholds]
        own_keys, whom = key[at : at + n_thresholds], partners[first : first + n_thresholds]
        for t in range(n_thresholds):
            known = whom[t] >= 0
            own_keys[t] = keys[whom[t]] if known else 0
            there[(at + t) >> 3] |= np.uint8(int(known) << ((at + t) & 7))
            nobody += not known
    return Said(Partners(key, there, nobody), codes)
