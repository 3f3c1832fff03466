"""Outcomes at every range and threshold, against the same said with whole arrays."""

from typing import Any

import numpy as np
import pytest

from tasks.kernels.outcomes import (
    IGNORED,
    MISS,
    TP,
    annotation_outcomes,
    count_true,
    detection_outcomes,
    lists_of,
    said_of,
    worth_saying,
)

SHAPES = [(0, 4, 10), (1, 1, 1), (23, 4, 10), (57, 1, 3), (200, 3, 1)]
KEYS = np.random.default_rng(1).integers(-(2**62), 2**62, 40)


def _partners(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Few differ from range to range."""
    partner = np.broadcast_to(rng.integers(-1, len(KEYS), (shape[0], 1, shape[2])), shape).astype(np.int32)
    changed = rng.random(shape) < 0.05
    partner[changed] = rng.integers(-1, len(KEYS), int(changed.sum()))
    return partner


def _outside(rng: np.random.Generator, count: int, ranges: int) -> tuple[Any, Any]:
    """(words, bool[n, A])."""
    bits = rng.random((count, ranges)) < 0.3
    return (bits * (1 << np.arange(ranges))).sum(axis=1).astype(np.uint64), bits


@pytest.mark.parametrize("shape", SHAPES)
def test_a_detection_is_true_false_or_ignored(shape: tuple[int, ...]) -> None:
    """True where it matched what counts, else false where it counts itself; true ones are counted by range."""
    rng = np.random.default_rng(2)
    true, counted = rng.random(shape) < 0.4, rng.random(shape) < 0.7
    found = detection_outcomes(true, counted)
    assert np.array_equal(found, np.where(true, TP, np.where(counted, MISS, IGNORED)))
    assert np.array_equal(count_true(found), true.sum(axis=0))


@pytest.mark.parametrize("shape", SHAPES)
def test_an_annotation_is_found_or_missed_where_it_counts(shape: tuple[int, ...]) -> None:
    """Where it does not, it is ignored at every threshold, whoever matched it."""
    rng = np.random.default_rng(3)
    partner, (words, bits) = _partners(rng, shape), _outside(rng, *shape[:2])
    found = annotation_outcomes(partner, words)
    assert np.array_equal(found, np.where(bits[:, :, None], IGNORED, np.where(partner >= 0, TP, MISS)))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_range_is_worth_saying_where_it_surprises(shape: tuple[int, ...]) -> None:
    """It says what the first does not, of what lies in it; or not ignored, of what lies outside."""
    rng = np.random.default_rng(4)
    partner, (words, bits) = _partners(rng, shape), _outside(rng, *shape[:2])
    outcome = np.where(bits[:, :, None], IGNORED, np.where(partner >= 0, TP, MISS)).astype(np.uint8)
    outcome[rng.random(shape) < 0.02] = MISS
    matched, otherwise = worth_saying(partner, outcome, words)
    assert np.array_equal(matched[:, 0], (partner[:, 0] >= 0).any(axis=1))
    expected = np.where(bits[:, 1:, None], IGNORED, outcome[:, :1])
    other = (partner[:, 1:] != partner[:, :1]) & (outcome[:, 1:] != IGNORED)
    assert np.array_equal(otherwise, ((outcome[:, 1:] != expected) | other).any(axis=2))


@pytest.mark.parametrize("count", [60, 61, 64, 500])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_lists_hold_an_entry_wherever_something_is_said(count: int, share: float) -> None:
    """Rows of which nothing is said, or that are not asked about, are missing and their lists empty."""
    rng, items = np.random.default_rng(5), 3
    rows = np.sort(rng.choice(count, 50, replace=False)).astype(np.int32)
    said = rng.random((len(rows), 2)) < share
    found = lists_of(said, rows, count, items)
    lengths = np.zeros(count, int)
    lengths[rows] = said.sum(axis=1)
    assert np.array_equal(found.ends, np.append(0, np.cumsum(lengths)) * items)
    assert np.array_equal(found.there, np.packbits(lengths > 0, bitorder="little"))
    assert found.missing == (lengths == 0).sum()
    assert np.array_equal(np.stack([found.place, found.which]), np.nonzero(said))


@pytest.mark.parametrize("shape", SHAPES)
def test_entries_say_whom_and_what_at_every_threshold(shape: tuple[int, ...]) -> None:
    """Nobody has the key 0, and no bit."""
    rng = np.random.default_rng(6)
    partner, outcome = _partners(rng, shape), rng.integers(0, 3, shape).astype(np.uint8)
    place = rng.integers(0, max(shape[0], 1), 3 * shape[0]).astype(np.int32)
    ranges = rng.integers(0, shape[1], len(place)).astype(np.int32)
    found, position = said_of(place, ranges, partner, outcome, KEYS), partner[place, ranges].ravel()
    assert np.array_equal(found.whom.key, np.where(position >= 0, KEYS[position], 0))
    assert np.array_equal(found.whom.there, np.packbits(position >= 0, bitorder="little"))
    assert found.whom.nobody == (position < 0).sum()
    assert np.array_equal(found.outcome, outcome[place, ranges].ravel())


def test_nobody_needs_no_keys() -> None:
    """Where no detection matched, there may be no annotation to point at."""
    partner, place = np.full((2, 1, 2), -1, np.int32), np.arange(2, dtype=np.int32)
    found = said_of(place, np.zeros(2, np.int32), partner, np.zeros((2, 1, 2), np.uint8), KEYS[:0])
    assert (found.whom.key.tolist(), found.whom.nobody) == ([0] * 4, 4)
