"""Sorting in place."""

import numpy as np

from tasks.kernels.sorting import sort_ascending


def test_slices_of_any_length_are_sorted_and_nothing_else_moves() -> None:
    """Short and long slices, sorted, reversed, random or all equal, come out ascending; values beside them stay."""
    rng = np.random.default_rng(1)
    for n in [*range(60), 1_000]:
        for values in (rng.integers(0, n + 1, n), np.arange(n), np.arange(n)[::-1], np.full(n, 7)):
            padded = np.concatenate([[9], values, [-9]]).astype(np.int64)
            sort_ascending(padded, 1, n + 1)
            assert padded.tolist() == [9, *sorted(values.tolist()), -9]
