"""Ranges laid over ranges, against plain Python."""

from itertools import pairwise

import numpy as np
import pytest

from tasks.questions.objects import with_gaps
from tasks.questions.spans import Ranges, by_two, joined, shared_frames


def ranges(rows: list[tuple[int, int, int]]) -> Ranges:
    """Rows of (group, first, last)."""
    return Ranges(*np.array(rows, np.int64).reshape(-1, 3).T)


def disjoint(rng: np.random.Generator, groups: int) -> list[tuple[int, int, int]]:
    """Ranges that share no frame within their group, in any order."""
    rows = []
    for group in range(groups):
        cuts = np.unique(rng.integers(0, 40, 8)).tolist()
        rows += [(group * 7, a, b - 1) for a, b in pairwise(cuts) if rng.random() < 0.7]
    return [rows[k] for k in rng.permutation(len(rows))]


@pytest.mark.parametrize("seed", range(10))
def test_all_pairs_with_frames_in_common_are_found(seed: int) -> None:
    """Left ranges may overlap one another."""
    rng = np.random.default_rng(seed)
    right = disjoint(rng, 4)
    left = [(int(g) * 7, int(a), int(a + n)) for g, a, n in rng.integers(0, (6, 40, 20), (30, 3))]
    shared = shared_frames(ranges(left), ranges(right))
    expected = {
        (k, m, max(ours[1], theirs[1]), min(ours[2], theirs[2]))
        for k, ours in enumerate(left)
        for m, theirs in enumerate(right)
        if ours[0] == theirs[0] and max(ours[1], theirs[1]) <= min(ours[2], theirs[2])
    }
    found = list(zip(*(column.tolist() for column in shared), strict=True))
    assert len(found) == len(set(found))
    assert set(found) == expected


@pytest.mark.parametrize("seed", range(10))
def test_ranges_that_touch_become_one(seed: int) -> None:
    """Each is told what it became part of."""
    rng = np.random.default_rng(seed)
    rows = [(int(g), int(a), int(a + n)) for g, a, n in rng.integers(0, (3, 40, 6), (20, 3))]
    found, part = joined(ranges(rows))
    frames = {(g, frame) for g, a, b in rows for frame in range(a, b + 1)}
    whole = list(zip(*(column.tolist() for column in found), strict=True))
    assert frames == {(g, frame) for g, a, b in whole for frame in range(a, b + 1)}
    assert not any((g, b + 1) in frames or (g, a - 1) in frames for g, a, b in whole)
    for (group, first, last), place in zip(rows, part.tolist(), strict=True):
        assert (whole[place][0], whole[place][1] <= first, whole[place][2] >= last) == (group, True, True)


@pytest.mark.parametrize("seed", range(10))
def test_gaps_fill_what_is_left(seed: int) -> None:
    """Every frame of every group is in one range, groups that meet nobody in one of their own."""
    rng = np.random.default_rng(seed)
    met = disjoint(rng, 3)
    parts, place = with_gaps(np.array([0, 7, 50]), ranges(met))
    for group in {0, 7, 14, 50} if any(g == 14 for g, _, _ in met) else {0, 7, 50}:
        for frame in range(45):
            inside = (parts.group == group) & (parts.first <= frame) & (frame <= parts.last)
            (row,) = np.flatnonzero(inside).tolist()
            expected = [k for k, (g, a, b) in enumerate(met) if g == group and a <= frame <= b] or [-1]
            assert [int(place[row])] == expected


def test_large_numbers_are_ordered_too() -> None:
    """Where both columns do not fit into one word."""
    major, minor = np.array([1 << 60, 1, 1 << 60, 1]), np.array([1 << 31, 5, 3, 6])
    assert by_two(major, minor).tolist() == [1, 3, 2, 0]


def test_nothing_is_nothing() -> None:
    """On either side."""
    empty = ranges([])
    assert (
        len(shared_frames(empty, ranges([(0, 0, 1)])).left) == len(shared_frames(ranges([(0, 0, 1)]), empty).left) == 0
    )
    assert len(joined(empty)[0].group) == 0
