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
    keys = list(zip(whole.group.tolist(), whole.value.tolist(), strict=True))
    assert keys == sorted(expected)
    assert whole.frames[0].tolist() == [expected[key] for key in keys]
    assert int(whole.frames[1].sum()) == int(frames[right].sum())
    for column, pieces in zip(whole, zip(*parts, strict=True), strict=True):
        assert np.array_equal(column, np.concatenate(pieces, axis=-1))


def test_groups_are_parts_of_the_whole() -> None:
    """Empty ones too."""
    found = tally(np.array([2, 0, 2]), np.array([0.5, 1.0, 0.25]), np.array([1, 2, 3]), np.array([True, False, True]))
    assert [found.of(group).value.tolist() for group in range(4)] == [[1.0], [], [0.25, 0.5], []]
