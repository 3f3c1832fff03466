"""Layers of nested columns: what is there, and how long the lists are."""

import numpy as np
import pytest

from tasks.kernels.parquet_levels import lengths_there, values_there, with_list, with_optional

RNG = np.random.default_rng(8)


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("count", [0, 1, 300])
def test_values_and_lengths_of_those_that_are_there_are_kept(count: int, share: float) -> None:
    """In their order, of numbers of either width."""
    there, lengths = RNG.random(count) < share, RNG.integers(0, 4, count)
    for kind in (np.int32, np.int64):
        values = RNG.integers(-9, 9, count).astype(kind)
        kept = values_there(values, there)
        assert np.array_equal(kept, values[there])
        assert kept.dtype == kind
    offsets = np.append(0, np.cumsum(lengths)).astype(np.int32)
    found, hidden = lengths_there(offsets, there)
    assert np.array_equal(found, lengths[there])
    assert hidden == lengths[~there].any()


def test_a_layer_is_said_only_of_what_lies_in_things_that_are_there() -> None:
    """An entry that ended above keeps its level; an empty list is an entry, as a missing one is."""
    definition, repetition = np.array([1, 0, 1, 1], np.uint8), np.zeros(4, np.uint8)
    deeper, within = with_list(definition, repetition, 1, 1, np.array([2, 0, 1], np.int32))
    assert (deeper.tolist(), within.tolist()) == ([2, 2, 0, 1, 2], [0, 1, 0, 0, 0])
    assert with_optional(deeper, 2, np.array([True, False, True])).tolist() == [3, 2, 0, 1, 3]
    assert with_optional(deeper, 2, np.empty(0, bool)).tolist() == [3, 3, 0, 1, 3]
