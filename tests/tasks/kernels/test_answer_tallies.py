"""Sums by group and number against a counter."""

from collections import Counter

import numpy as np
import pytest

from tasks.kernels.answer_tallies import ordered_sums, summed


@pytest.mark.parametrize("highest", [3, 1 << 40])
@pytest.mark.parametrize("rows", [1, 400])
def test_counts_of_equal_numbers_are_added(rows: int, highest: int) -> None:
    """By group, each column by itself, exactly above 2^53 too."""
    rng = np.random.default_rng(rows)
    group, number = rng.integers(2, 6, rows), rng.integers(-highest, highest, rows)
    number[rows // 2 :] = number[: rows - rows // 2]
    counts = rng.integers(0, 1 << 54, (2, rows))
    expected = [Counter[tuple[int, int]](), Counter[tuple[int, int]]()]
    for key, *values in zip(zip(group.tolist(), number.tolist(), strict=True), *counts.tolist(), strict=True):
        for column, value in zip(expected, values, strict=True):
            column[key] += value
    *which, sums = summed(group, number, counts)
    found = list(zip(*(column.tolist() for column in which), strict=True))
    assert found == sorted(expected[0])
    assert sums.tolist() == [[column[key] for key in found] for column in expected]


def test_nothing_is_nothing() -> None:
    """As many columns, no rows."""
    nothing = np.empty(0, np.int64)
    assert [column.shape for column in summed(nothing, nothing, np.empty((3, 0), np.int64))] == [(0,), (0,), (3, 0)]


@pytest.mark.parametrize("cuts", [[], [0, 30], [10, 20, 60], [5, 10, 15, 20, 25, 30, 35]])
def test_runs_are_summed_as_the_whole(cuts: list[int]) -> None:
    """Of one group, however many runs there are."""
    rng = np.random.default_rng(0)
    runs = np.array([0, *cuts, 60])
    number = np.concatenate([np.sort(rng.integers(-9, 9, size)) for size in np.diff(runs)])
    counts = rng.integers(0, 1 << 54, (2, 60))
    _, *expected = summed(np.zeros(60, np.int64), number, counts)
    found = ordered_sums(number, counts, np.argsort(number, kind="stable"))
    assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))
