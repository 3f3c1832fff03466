"""Samples by key."""

import numpy as np

from tasks.failure_analysis.sampling import lowest, scattered


def test_a_sample_of_the_whole_is_that_of_the_parts() -> None:
    """Whatever the parts and the order; smaller samples begin larger ones."""
    keys = np.arange(5000) * 7 + 3
    whole = keys[lowest(keys, 400)]
    shuffled = np.random.default_rng(0).permutation(keys)
    parts = np.concatenate([part[lowest(part, 400)] for part in np.array_split(shuffled, 7)])
    assert (parts[lowest(parts, 400)] == whole).all()
    assert (keys[lowest(keys, 50)] == whole[:50]).all()
    assert sorted(keys[lowest(keys, 9999)]) == keys.tolist()


def test_keys_are_scattered_without_collision() -> None:
    """Neighbours are no neighbours afterwards, every key has its own number, and seeds differ."""
    numbers = scattered(np.arange(100_000))
    assert len(np.unique(numbers)) == 100_000
    assert abs(np.corrcoef(np.arange(100_000), numbers.astype(float))[0, 1]) < 0.02
    assert not (scattered(np.arange(10), seed=1) == scattered(np.arange(10), seed=2)).any()
