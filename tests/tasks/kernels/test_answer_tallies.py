"""Sums by keys against a counter."""

from collections import Counter

import numpy as np
import pytest

from tasks.kernels.answer_tallies import summed

NOTHING = np.empty(0, np.int64)


@pytest.mark.parametrize("rows", [1, 400])
def test_counts_of_equal_keys_are_added(rows: int) -> None:
    """Each column by itself, exactly above 2^53 too."""
    rng = np.random.default_rng(rows)
    keys, counts = rng.integers(-3, 3, (2, rows)), rng.integers(0, 1 << 54, (2, rows))
    expected = [Counter[tuple[int, ...]](), Counter[tuple[int, ...]]()]
    for key, *values in zip(zip(*keys.tolist(), strict=True), *counts.tolist(), strict=True):
        for column, value in zip(expected, values, strict=True):
            column[key] += value
    which, sums = summed(keys, counts, NOTHING)
    found = list(zip(*which.tolist(), strict=True))
    assert found == sorted(expected[0])
    assert sums.tolist() == [[column[key] for key in found] for column in expected]


def test_nothing_is_nothing() -> None:
    """As many columns, no rows."""
    which, sums = summed(np.empty((2, 0), np.int64), np.empty((3, 0), np.int64), NOTHING)
    assert (which.shape, sums.shape) == ((2, 0), (3, 0))
