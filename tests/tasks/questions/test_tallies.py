"""Exact counts by group and value."""

from collections import Counter

import numpy as np
import pytest

from tasks.questions.tallies import tally, together


@pytest.mark.parametrize("groups", [5, 1 << 20])
def test_sums_are_those_of_a_counter_however_they_are_cut(groups: int) -> None:
    """Of few groups and of many."""
    rng = np.random.default_rng(2)
    group, value = rng.integers(groups - 5, groups, 300), np.round(rng.random(300), 1)
    frames, right = rng.integers(1, 1 << 40, 300), rng.random(300) < 0.5
    whole = tally(group, value, frames, right)
    cuts = [slice(0, 100), slice(100, 100), slice(100, 300)]
    buckets = [tally(group[c], value[c], frames[c], right[c]) for c in cuts]
    parts = [together(buckets, g) for g in range(groups - 6, groups)]
    expected: Counter[tuple[int, float]] = Counter()
    for g, v, n in zip(group.tolist(), value.tolist(), frames.tolist(), strict=True):
        expected[g, v] += n
    which = np.repeat(np.arange(len(whole.bounds) - 1), np.diff(whole.bounds))
    keys = list(zip(which.tolist(), whole.value.tolist(), strict=True))
    assert keys == sorted(expected)
    assert whole.frames[0].tolist() == [expected[key] for key in keys]
    assert int(whole.frames[1].sum()) == int(frames[right].sum())
    assert np.array_equal(whole.value, np.concatenate([part.value for part in parts]))
    assert np.array_equal(whole.frames, np.concatenate([part.frames for part in parts], axis=1))


def test_groups_are_parts_of_the_whole() -> None:
    """Empty ones too."""
    found = tally(np.array([2, 0, 2]), np.array([0.5, 1.0, 0.25]), np.array([1, 2, 3]), np.array([True, False, True]))
    assert [found.of(group).value.tolist() for group in range(4)] == [[1.0], [], [0.25, 0.5], []]


def test_sums_that_outgrow_what_the_parts_fit_into_are_exact() -> None:
    """Each part is kept in bytes."""
    part = tally(np.array([1]), np.array([0.5]), np.array([200]), np.array([True]))
    assert part.frames.dtype == np.uint8
    assert together([part, part], 1).frames.tolist() == [[400], [400]]
